//! Where pictures are kept, and when a screen stands still enough for one.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    pty::Terminal,
    svg::{Ground, picture},
};

/// The ground of pictures in the dark theme.
pub(crate) const DARK: Ground = Ground {
    text: "#d8dee9",
    background: "#121212",
};

/// And in the light one.
pub(crate) const LIGHT: Ground = Ground {
    text: "#1f2328",
    background: "#fafafa",
};

/// A frame comes in several pieces; once nothing follows for so long it is whole.
const WHOLE: Duration = Duration::from_millis(60);
/// What nobody should have to load from a page.
const LARGEST: usize = 200_000;

/// A directory of pictures.
pub(crate) struct Album {
    directory: PathBuf,
}

impl Album {
    /// The one that the README shows.
    pub(crate) fn of_the_project() -> Self {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/screenshots");
        fs::create_dir_all(&directory).unwrap();
        Self { directory }
    }

    /// Takes a picture as soon as the screen says what it should, and goes on saying it.
    #[track_caller]
    pub(crate) fn take(
        &self,
        terminal: &Terminal,
        name: &str,
        ground: &Ground,
        is_so: impl Fn(&str) -> bool,
    ) {
        loop {
            terminal.wait_until(name, |screen| is_so(&screen.contents()));
            std::thread::sleep(WHOLE);
            let mut svg = None;
            terminal.wait_until(name, |screen| {
                svg = is_so(&screen.contents()).then(|| picture(screen, ground, name));
                true
            });
            if let Some(svg) = svg {
                return self.keep(name, &svg);
            }
        }
    }

    fn keep(&self, name: &str, svg: &str) {
        assert!(svg.len() < LARGEST, "{name}: {} bytes", svg.len());
        println!("{name}: {} bytes", svg.len());
        fs::write(self.directory.join(format!("{name}.svg")), svg).unwrap();
    }
}
