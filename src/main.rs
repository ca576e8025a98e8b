//! The thin binary: arguments in, the library called, an exit code out.

fn main() {
    println!("gleaner {}", env!("CARGO_PKG_VERSION"));
}
