import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CIVIDIS, colorOf, contrast, luminance, parseColor, sequential, themeFor } from "../src/theme.js";

test("colours are read as browsers print them", () => {
  assert.deepEqual(parseColor("#b2182b"), [178, 24, 43, 1]);
  assert.deepEqual(parseColor("rgb(17, 17, 17)"), [17, 17, 17, 1]);
  assert.deepEqual(parseColor("rgba(0, 0, 0, 0)"), [0, 0, 0, 0]);
  assert.equal(parseColor("transparent"), null);
});

test("black on white has a contrast of 21", () => {
  assert.ok(Math.abs(contrast("#000000", "#ffffff") - 21) < 1e-9);
  assert.equal(luminance([255, 255, 255]), 1);
});

test("the background decides between light and dark", () => {
  assert.equal(themeFor("rgb(255, 255, 255)").dark, false);
  assert.equal(themeFor("rgb(17, 17, 17)").dark, true);
  assert.equal(themeFor("nonsense").background, "#ffffff");
});

for (const background of ["rgb(255, 255, 255)", "rgb(245, 245, 245)", "rgb(17, 17, 17)", "rgb(30, 30, 30)"]) {
  const theme = themeFor(background);
  const { band, ...readable } = theme.roles;
  for (const [role, color] of Object.entries(readable)) {
    test(`${role} can be read on ${background}`, () => {
      assert.ok(contrast(color, background) >= 4.5, `${contrast(color, background)}`);
    });
  }
  test(`lines stand out on a band on ${background}`, () => {
    for (const color of Object.values(readable)) assert.ok(contrast(color, band) >= 3);
  });
  test(`lines stand out on the basins on ${background}`, () => {
    for (const basin of theme.basins) {
      for (const role of ["E", "I", "ink"]) assert.ok(contrast(theme.roles[role], basin) >= 3, `${role} ${basin}`);
    }
  });
}

test("light colours are those of print", () => {
  const styles = readFileSync(new URL("../../../styles.py", import.meta.url), "utf8");
  const roles = themeFor("#ffffff").roles;
  for (const [role, color] of Object.entries(roles)) {
    const printed = role === "ink" ? styles.includes(`INK = "${color}"`) : styles.includes(`"${role}": "${color}"`);
    assert.ok(printed, `${role} ${color}`);
  }
  for (const name of /** @type {const} */ (["basins", "counts"])) {
    const printed = styles.match(new RegExp(`^${name.toUpperCase()} = \\((.*)\\)`, "m"))?.[1];
    assert.equal(printed, themeFor("#ffffff")[name].map((color) => `"${color}"`).join(", "));
  }
});

test("the sequential palette goes from its first to its last colour", () => {
  const hex = (/** @type {number[]} */ rgb) => `#${rgb.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
  assert.equal(hex(sequential(-1)), CIVIDIS[0]);
  assert.equal(hex(sequential(0.5)), CIVIDIS[5]);
  assert.equal(hex(sequential(2)), CIVIDIS[10]);
});

test("a name that is no role is a colour itself", () => {
  const theme = themeFor("#ffffff");
  assert.equal(colorOf(theme, "E"), "#b2182b");
  assert.equal(colorOf(theme, "#123456"), "#123456");
  assert.equal(colorOf(theme, undefined), theme.roles.ink);
});
