# Two commands do everything on a fresh machine: `make tour` and `make test`.

# Where rustup puts Cargo, also before a new login has it on the path.
export PATH := $(PATH):$(HOME)/.cargo/bin

.PHONY: tour test setup build lint bench screenshots
.DEFAULT_GOAL := tour

# Opens the tour; without a terminal (a pipe, CI) it plays the journey as plain text.
tour: setup build
	@./target/release/citus-tour

# Formatting, lints and every test, live ones on real servers included.
test: setup lint
	cargo test --locked --no-fail-fast

setup:
	@sh assets/setup.sh

build:
	@cargo build --release --locked

lint:
	cargo fmt --all --check
	cargo clippy --locked --all-targets -- --deny warnings

# The figures of docs/performance.md.
bench: setup build
	cargo bench --locked --bench figures

# The pictures of assets/screenshots, taken from the program itself.
screenshots: setup
	cargo test --release --locked --test screenshots
