"""A small compiler: restricted Python text to machine code, through llvmlite.

It reads the text that the kernels generate and nothing else: assignments of floats, whole
numbers and items of arrays, ``for ... in range(...)``, ``while``, ``if``, ``break``, arithmetic,
comparisons, and the functions of the equations. The same text runs as plain Python; what it
computes is the same to rounding.

With ``lanes`` above 1 every float is a vector of that many numbers, so that one pass of the
kernel computes as many models; an array item is then a vector too, unless the array is
declared shared.
"""

import ast
import ctypes
import ctypes.util
import re
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

import llvmlite.binding as llvm
import numpy as np
from llvmlite import ir

from wclab.engines.exponential import exponential
from wclab.errors import OptionError

F64, I64, I1 = ir.DoubleType(), ir.IntType(64), ir.IntType(1)
LIBM = {
    **{name: name for name in ["exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh"]},
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "power": "pow",
}
COMPARE = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
KINDS = {"int": I64, "float": F64, "lanes": F64.as_pointer(), "shared": F64.as_pointer()}


class Kernel:
    """A compiled function of numbers and of arrays of float64, called without the GIL."""

    def __init__(self, engine: Any, address: int, kinds: Sequence[str]) -> None:
        types: dict[str, Any] = {"int": ctypes.c_int64, "float": ctypes.c_double}
        arguments = [types.get(kind, ctypes.c_void_p) for kind in kinds]
        function: Any = ctypes.CFUNCTYPE(None, *arguments)(address)
        function.engine = engine  # owns the code
        self.function = function

    def __call__(self, *arguments: Any) -> None:
        """Call it; an array must be contiguous float64."""
        self.function(*(pointer(a) if isinstance(a, np.ndarray) else a for a in arguments))

    def bind(self, *arrays: np.ndarray) -> Callable[..., None]:
        """Return it as a function of the numbers only, for calls that cost little."""
        function, pointers = self.function, [pointer(array) for array in arrays]

        def call(*numbers: float, kept: Any = arrays) -> None:
            function(*numbers, *pointers)

        return call


def pointer(array: np.ndarray) -> ctypes.c_void_p:
    """Return where the numbers of a contiguous array of float64 are; the caller keeps the array."""
    if (
        not isinstance(array, np.ndarray)
        or array.dtype != np.float64
        or not array.flags.c_contiguous
    ):
        raise TypeError("a kernel takes contiguous arrays of float64")
    if array.size and array.flags.writeable:  # four times as fast as the other way
        buffer: Any = array
        return ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(buffer)))
    return ctypes.c_void_p(array.ctypes.data)


@lru_cache(maxsize=128)
def compile_kernel(source: str, kinds: tuple[str, ...], lanes: int = 1) -> Kernel:
    """Compile the one function in `source`.

    Parameters
    ----------
    source : str
        ``def name(...):`` in the restricted language.
    kinds : tuple of str
        For each argument: ``"int"``, ``"float"``, ``"lanes"`` (an array with one number for
        each lane and item) or ``"shared"`` (an array with one number for each item).
    lanes : int, optional
        How many models are computed at once.
    """
    definition = ast.parse(source).body[0]
    assert isinstance(definition, ast.FunctionDef)
    module = ir.Module(name="wclab")
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [KINDS[k] for k in kinds]), "f")
    _Writer(module, function, lanes).write(definition, kinds)
    machine = _machine()
    aligned = re.sub(r"(?m)^(define .*\))$", r'\1 "stackrealign"', str(module))
    reference = llvm.parse_assembly(aligned)  # no vector lies across two lines of the cache
    passes = llvm.create_new_module_pass_manager()
    passes.add_always_inliner_pass()
    passes.add_sroa_pass()
    passes.run(reference, llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options()))
    engine = llvm.create_mcjit_compiler(reference, machine)
    engine.finalize_object()
    return Kernel(engine, engine.get_function_address("f"), kinds)


def _machine() -> Any:
    """Return a new target machine for this computer."""
    _prepare()
    target = llvm.Target.from_default_triple()
    features = llvm.get_host_cpu_features().flatten()
    return target.create_target_machine(llvm.get_host_cpu_name(), features, opt=1)


@lru_cache(maxsize=1)
def _prepare() -> None:
    """Make LLVM ready, and tell it where the functions of the C library are."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    name = "ucrtbase" if sys.platform == "win32" else ctypes.util.find_library("m")
    library = ctypes.CDLL(name)
    for function in LIBM.values():
        address = ctypes.cast(getattr(library, function), ctypes.c_void_p).value
        llvm.add_symbol(function, address)


class _Writer:
    """Writes one function as LLVM's intermediate representation."""

    def __init__(self, module: ir.Module, function: ir.Function, lanes: int) -> None:
        self.module, self.function, self.lanes = module, function, lanes
        self.float = F64 if lanes == 1 else ir.VectorType(F64, lanes)
        self.entry = function.append_basic_block("entry")
        self.builder = ir.IRBuilder(function.append_basic_block("body"))
        self.start = self.builder.block
        self.places: dict[str, Any] = {}
        self.arrays: dict[str, tuple[Any, str]] = {}
        self.exits: list[ir.Block] = []  # where `break` leads

    def write(self, definition: ast.FunctionDef, kinds: Sequence[str]) -> None:
        """Write the whole function."""
        for argument, value, kind in zip(
            definition.args.args, self.function.args, kinds, strict=True
        ):
            if kind in ("lanes", "shared"):
                self.arrays[argument.arg] = (value, kind)
            else:
                self.store(argument.arg, self.spread(value) if kind == "float" else value)
        self.block(definition.body)
        self.builder.ret_void()
        ir.IRBuilder(self.entry).branch(self.start)

    def block(self, statements: Sequence[ast.stmt]) -> None:
        """Write statements in order."""
        for statement in statements:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self.store(name, self.value(value))
                case ast.Assign(targets=[ast.Subscript() as item], value=value):
                    self.store_item(item, self.number(value))
                case ast.For(target=ast.Name(id=name), iter=ast.Call(args=bounds), body=body):
                    self.count(name, bounds, body)
                case ast.While(test=test, body=body, orelse=[]):
                    self.loop(partial(self.condition, test), partial(self.block, body))
                case ast.If(test=test, body=body, orelse=other):
                    self.branch(test, body, other)
                case ast.Break():
                    self.builder.branch(self.exits[-1])
                    self.builder.position_at_end(self.function.append_basic_block("never"))
                case ast.Pass():
                    pass
                case _:
                    raise OptionError(f"a kernel cannot hold: {ast.unparse(statement)}")

    def count(self, name: str, bounds: Sequence[ast.expr], body: Sequence[ast.stmt]) -> None:
        """Write ``for name in range(stop)`` or ``range(start, stop)``."""
        build = self.builder
        first = self.value(bounds[0]) if len(bounds) == 2 else I64(0)
        last = self.value(bounds[-1])
        self.store(name, first)  # unlike Python's, the name is one past its last value after it

        def inside() -> None:
            self.block(body)
            self.store(name, build.add(build.load(self.places[name]), I64(1)))

        self.loop(lambda: build.icmp_signed("<", build.load(self.places[name]), last), inside)

    def loop(self, test: Callable[[], Any], body: Callable[[], None]) -> None:
        """Write a loop that runs while a test holds."""
        build = self.builder
        before, inner, after = (self.function.append_basic_block(b) for b in ("test", "in", "out"))
        build.branch(before)
        build.position_at_end(before)
        build.cbranch(test(), inner, after)
        build.position_at_end(inner)
        self.exits.append(after)
        body()
        self.exits.pop()
        build.branch(before)
        build.position_at_end(after)

    def branch(self, test: ast.expr, body: Sequence[ast.stmt], other: Sequence[ast.stmt]) -> None:
        """Write ``if`` and ``else``."""
        build = self.builder
        yes, no, after = (self.function.append_basic_block(b) for b in ("yes", "no", "after"))
        build.cbranch(self.condition(test), yes, no)
        for block, statements in ((yes, body), (no, other)):
            build.position_at_end(block)
            self.block(statements)
            build.branch(after)
        build.position_at_end(after)

    def condition(self, node: ast.expr) -> Any:
        """Return a comparison of single numbers."""
        value = self.value(node)
        if value.type != I1:  # lanes would go different ways
            raise OptionError(f"a kernel cannot hold: if {ast.unparse(node)}")
        return value

    def store(self, name: str, value: Any) -> None:
        """Give a variable a value; a variable keeps its first type."""
        if name not in self.places:
            self.places[name] = ir.IRBuilder(self.entry).alloca(value.type, name=name)
        place = self.places[name]
        if place.type.pointee != value.type:
            value = self.floating(value)
        self.builder.store(value, place)

    def item(self, node: ast.Subscript) -> tuple[Any, str]:
        """Return the address of an item of an array, and the array's kind."""
        assert isinstance(node.value, ast.Name)
        array, kind = self.arrays[node.value.id]
        index = self.value(node.slice)
        if kind == "lanes" and self.lanes > 1:
            index = self.builder.mul(index, I64(self.lanes))
        address = self.builder.gep(array, [index])
        if kind == "lanes" and self.lanes > 1:
            address = self.builder.bitcast(address, self.float.as_pointer())
        return address, kind

    def store_item(self, node: ast.Subscript, value: Any) -> None:
        """Store a float in an array."""
        address, _ = self.item(node)
        self.builder.store(value, address, align=8)

    def number(self, node: ast.expr) -> Any:
        """Return a value as a float."""
        return self.floating(self.value(node))

    def floating(self, value: Any) -> Any:
        if value.type == self.float:
            return value
        return self.spread(self.builder.sitofp(value, F64))

    def spread(self, value: Any) -> Any:
        """Return a number as a vector of all lanes."""
        if self.lanes == 1:
            return value
        empty = ir.Constant(self.float, ir.Undefined)
        single = self.builder.insert_element(empty, value, ir.IntType(32)(0))
        zeros = ir.Constant(ir.VectorType(ir.IntType(32), self.lanes), [0] * self.lanes)
        return self.builder.shuffle_vector(single, empty, zeros)

    def constant(self, value: float) -> Any:
        return self.float(value) if self.lanes == 1 else self.float([value] * self.lanes)

    def value(self, node: ast.expr) -> Any:
        """Write an expression; return its value, a float or a whole number."""
        build = self.builder
        match node:
            case ast.Constant(value=int() as number):
                return I64(number)
            case ast.Constant(value=float() as number):
                return self.constant(number)
            case ast.Name(id=name):
                return build.load(self.places[name])
            case ast.Subscript():
                address, kind = self.item(node)
                loaded = build.load(address, align=8)
                return self.spread(loaded) if kind == "shared" else loaded
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                value = self.value(operand)
                return build.neg(value) if value.type == I64 else build.fneg(value)
            case ast.BinOp(left=a, op=ast.Pow(), right=power):
                return self.whole_power(self.number(a), ast.literal_eval(power))
            case ast.BinOp(left=a, op=op, right=b):
                return self.arithmetic(type(op), self.value(a), self.value(b))
            case ast.Compare(left=a, ops=[op], comparators=[b]):
                return self.compare(COMPARE[type(op)], self.value(a), self.value(b))
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self.call(name, [self.value(argument) for argument in arguments])
        raise OptionError(f"a kernel cannot hold: {ast.unparse(node)}")

    def compare(self, sign: str, a: Any, b: Any) -> Any:
        """Write a comparison; with NaN only ``!=`` is true."""
        if a.type == I64 and b.type == I64:
            return self.builder.icmp_signed(sign, a, b)
        compare = self.builder.fcmp_unordered if sign == "!=" else self.builder.fcmp_ordered
        return compare(sign, self.floating(a), self.floating(b))

    def arithmetic(self, op: type, a: Any, b: Any) -> Any:
        """Write ``a op b``: whole if both are, but for division."""
        build = self.builder
        whole: dict[Any, Any] = {ast.Add: build.add, ast.Sub: build.sub, ast.Mult: build.mul}
        if a.type == I64 and b.type == I64 and op in whole:
            return whole[op](a, b)
        real: dict[Any, Any] = {ast.Add: build.fadd, ast.Sub: build.fsub, ast.Mult: build.fmul}
        real[ast.Div] = build.fdiv
        flags = ("contract",) if self.lanes > 1 else ()  # one rounding for a * b + c
        return real[op](self.floating(a), self.floating(b), flags=flags)

    def whole_power(self, base: Any, power: int) -> Any:
        """Write a power by repeated squaring."""
        result, square, left = None, base, abs(power)
        while left:
            if left & 1:
                result = square if result is None else self.builder.fmul(result, square)
            left >>= 1
            square = self.builder.fmul(square, square) if left else square
        one = self.constant(1.0)
        result = one if result is None else result
        return self.builder.fdiv(one, result) if power < 0 else result

    def call(self, name: str, arguments: list[Any]) -> Any:
        """Write a call of one of the equations' functions."""
        build = self.builder
        if name == "where":
            condition, yes, no = arguments
            if condition.type not in (I1, ir.VectorType(I1, self.lanes)):
                condition = build.fcmp_unordered("!=", condition, self.constant(0.0))
            return build.select(condition, self.floating(yes), self.floating(no))
        values = [self.floating(argument) for argument in arguments]
        x, y = values[0], values[-1]
        zero, one = self.constant(0.0), self.constant(1.0)
        match name:
            case "exp" if self.lanes > 1:
                multiply_add = self.intrinsic("fmuladd", 3)
                return exponential(build, x, self.lanes, multiply_add)
            case "sqrt" | "absv":
                return build.call(self.intrinsic({"sqrt": "sqrt", "absv": "fabs"}[name], 1), [x])
            case "maxi" | "mini":  # as NumPy's, this and the next two are NaN of NaN
                first = build.fcmp_ordered(">=" if name == "maxi" else "<=", x, y)
                return build.select(build.or_(first, build.fcmp_unordered("uno", x, x)), x, y)
            case "heaviside":
                other = build.select(build.fcmp_ordered("<", x, zero), zero, x)
                return build.select(build.fcmp_ordered(">=", x, zero), one, other)
            case "sign":
                rest = build.fmul(x, zero)
                low = build.select(build.fcmp_ordered("<", x, zero), self.constant(-1.0), rest)
                return build.select(build.fcmp_ordered(">", x, zero), one, low)
        return self.library(LIBM[name], values)

    def intrinsic(self, name: str, arguments: int) -> Any:
        """Return one of LLVM's own functions for this type of float."""
        full = f"llvm.{name}." + ("f64" if self.lanes == 1 else f"v{self.lanes}f64")
        signature = ir.FunctionType(self.float, [self.float] * arguments)
        return self.module.globals.get(full) or ir.Function(self.module, signature, full)

    def library(self, name: str, values: list[Any]) -> Any:
        """Call the C library, lane by lane."""
        signature = ir.FunctionType(F64, [F64] * len(values))
        function = self.module.globals.get(name) or ir.Function(self.module, signature, name)
        if self.lanes == 1:
            return self.builder.call(function, values)
        result = ir.Constant(self.float, ir.Undefined)
        for lane in range(self.lanes):
            at = ir.IntType(32)(lane)
            singles = [self.builder.extract_element(value, at) for value in values]
            result = self.builder.insert_element(result, self.builder.call(function, singles), at)
        return result
