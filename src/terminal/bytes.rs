//! Bytes to the terminal, past every lock of the standard library: a thread that hangs in a slow terminal must not hang those who restore
//! it.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd},
};

use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags, PollTimeout, poll},
    unistd::write,
};

/// Writes all of it, however long the terminal takes.
pub(super) fn put(bytes: &[u8]) -> io::Result<()> {
    put_within(bytes, PollTimeout::NONE)
}

/// Writes it, or gives up where the terminal takes nothing for so long.
pub(super) fn put_within(bytes: &[u8], patience: PollTimeout) -> io::Result<()> {
    let stdout = io::stdout();
    put_to(stdout.as_fd(), bytes, patience)
}

fn put_to(terminal: BorrowedFd<'_>, bytes: &[u8], patience: PollTimeout) -> io::Result<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let mut polled = [PollFd::new(terminal, PollFlags::POLLOUT)];
        match poll(&mut polled, patience) {
            Err(Errno::EINTR) => continue,
            Err(error) => return Err(error.into()),
            Ok(0) => return Err(io::ErrorKind::TimedOut.into()),
            Ok(_) => {}
        }
        match write(terminal, rest) {
            Ok(written) => rest = &rest[written..],
            Err(Errno::EINTR | Errno::EAGAIN) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn what_nobody_reads_is_given_up() {
        let (mut reader, writer) = io::pipe().unwrap();
        put_to(writer.as_fd(), b"all of it", PollTimeout::ZERO).unwrap();
        let flood = vec![b'x'; 1 << 20];
        // A pipe is shorter than that; without patience the rest is left.
        let flags = nix::fcntl::OFlag::O_NONBLOCK;
        nix::fcntl::fcntl(&writer, nix::fcntl::FcntlArg::F_SETFL(flags)).unwrap();
        let error = put_to(writer.as_fd(), &flood, PollTimeout::ZERO).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        let mut start = [0; 9];
        reader.read_exact(&mut start).unwrap();
        assert_eq!(&start, b"all of it");
    }
}
