//! Standard input, line by line, without holding up anything else: signals are still heard while somebody thinks.

use std::{
    io::{BufRead, stdin},
    sync::LazyLock,
};

use tokio::sync::{Mutex, mpsc};

/// Standard input can only be read by blocking, so a thread of its own does it, from the first question on.
static LINES: LazyLock<Mutex<mpsc::Receiver<String>>> = LazyLock::new(|| {
    let (sender, receiver) = mpsc::channel(1);
    std::thread::spawn(move || {
        let mut input = stdin().lock();
        let mut line = Vec::new();
        while input
            .read_until(b'\n', &mut line)
            .is_ok_and(|length| length > 0)
        {
            let text = String::from_utf8_lossy(&line)
                .trim_end_matches(['\n', '\r'])
                .to_owned();
            if sender.blocking_send(text).is_err() {
                break;
            }
            line.clear();
        }
    });
    Mutex::new(receiver)
});

/// The next line without its end; `None` at the end of the input.
pub(super) async fn next_line() -> Option<String> {
    LINES.lock().await.recv().await
}
