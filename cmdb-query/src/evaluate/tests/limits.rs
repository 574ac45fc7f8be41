//! Expressions that would take all memory or time are stopped by name.

use super::{Bench, refusal};

#[test]
fn a_query_of_death_is_stopped() {
    let mut bench = Bench::new();
    bench.limits.memory_bytes = 64 << 20;
    bench.limits.steps = 10_000_000;
    let table = [
        ("range(1, 100000000000)", "LimitExceeded: ListLength"),
        ("range(-9223372036854775808, 9223372036854775807)", "LimitExceeded: ListLength"),
        ("range(1, 40000000)", "LimitExceeded: MemoryLimit"),
        ("[x IN range(1, 100000) | range(1, 100000)]", "LimitExceeded: MemoryLimit"),
        ("reduce(s = 'ab', x IN range(1, 60) | s + s)", "LimitExceeded: MemoryLimit"),
        ("reduce(s = [1], x IN range(1, 60) | s + s)", "LimitExceeded: MemoryLimit"),
        ("reduce(s = [], x IN range(1, 1000000) | s + [range(1, 1000000)])", "LimitExceeded: MemoryLimit"),
        ("reduce(s = [], x IN range(1, 10000) | [s])", "LimitExceeded: NestingDepth"),
        ("reduce(s = {}, x IN range(1, 10000) | {s: s})", "LimitExceeded: NestingDepth"),
        ("reduce(s = [], x IN range(1, 10000) | [y IN [1] | s])", "LimitExceeded: NestingDepth"),
        ("lpad('a', 9223372036854775807, 'b')", "LimitExceeded: TextLength"),
        ("replace(lpad('', 1000000, 'a'), 'a', lpad('', 1000000, 'b'))", "LimitExceeded: TextLength"),
        (
            "size([x IN range(1, 2000000) WHERE any(y IN range(1, 20) WHERE y = x + 100)])",
            "LimitExceeded: StepLimit",
        ),
    ];
    for (text, wanted) in table {
        assert_eq!(bench.eval(text), wanted, "{text}");
    }
}

#[test]
fn memory_of_an_expression_is_given_back() {
    let mut bench = Bench::new();
    bench.limits.memory_bytes = 4 << 20;
    let compiled = bench.compile("size([x IN range(1, 20000) | x])").unwrap();
    bench.scene(|scene| {
        for _ in 0..100 {
            compiled.eval(scene, &bench.row).unwrap_or_else(|error| panic!("{}", refusal(&error)));
        }
    });
}
