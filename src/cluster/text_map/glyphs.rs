//! The characters of a map, and their plain twins.

/// Which characters a map is drawn with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Charset {
    /// Glyphs.
    #[default]
    Unicode,
    /// Letters and signs that every terminal and reader knows.
    Ascii,
}

pub(super) struct Glyphs {
    pub(super) active: char,
    pub(super) reference: char,
    pub(super) local: char,
    pub(super) leaving: char,
    pub(super) arriving: [char; 3],
    pub(super) unreachable: char,
    pub(super) up: char,
    pub(super) outside: char,
    pub(super) gone: char,
    pub(super) dot: &'static str,
}

impl Charset {
    pub(super) fn glyphs(self) -> Glyphs {
        match self {
            Self::Unicode => Glyphs {
                active: '■',
                reference: '◆',
                local: '▪',
                leaving: '▶',
                arriving: ['░', '▒', '▓'],
                unreachable: '╳',
                up: '●',
                outside: '○',
                gone: '╳',
                dot: "·",
            },
            Self::Ascii => Glyphs {
                active: '#',
                reference: 'R',
                local: 'L',
                leaving: '>',
                arriving: ['+'; 3],
                unreachable: 'x',
                up: '*',
                outside: 'o',
                gone: 'x',
                dot: "-",
            },
        }
    }
}
