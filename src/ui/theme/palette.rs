//! Colours of the themes, for 24 bits, for xterm's 256 and for the terminal's own 16.

use ratatui::style::Color;

use crate::app::{ColourDepth, ThemeName};

/// Colours by use. The colours of groups are those of Okabe and Ito, which people who see few colours can tell apart; vermillion is kept
/// for alarms.
#[derive(Debug)]
pub(super) struct Palette {
    pub(super) text: Color,
    pub(super) background: Color,
    pub(super) dim: Color,
    pub(super) border: Color,
    pub(super) accent: Color,
    pub(super) bar: Color,
    pub(super) bar_text: Color,
    pub(super) bar_warning: Color,
    pub(super) good: Color,
    pub(super) warning: Color,
    pub(super) alert: Color,
    pub(super) busy: Color,
    pub(super) code: Color,
    pub(super) keyword: Color,
    pub(super) string: Color,
    pub(super) number: Color,
    pub(super) function: Color,
    pub(super) groups: &'static [Color],
}

const fn rgb(value: u32) -> Color {
    let [_, red, green, blue] = value.to_be_bytes();
    Color::Rgb(red, green, blue)
}

static DARK_TRUE: Palette = Palette {
    text: rgb(0x00d8_d8d8),
    background: rgb(0x0012_1212),
    dim: rgb(0x0090_9090),
    border: rgb(0x0060_6060),
    accent: rgb(0x0056_b4e9),
    bar: rgb(0x0030_3030),
    bar_text: rgb(0x00e4_e4e4),
    bar_warning: rgb(0x00f0_e442),
    good: rgb(0x0000_b98a),
    warning: rgb(0x00f0_e442),
    alert: rgb(0x00ff_7f50),
    busy: rgb(0x00e6_9f00),
    code: rgb(0x00c8_d0d8),
    keyword: rgb(0x0056_b4e9),
    string: rgb(0x00e6_9f00),
    number: rgb(0x00cc_79a7),
    function: rgb(0x0000_b98a),
    groups: &[
        rgb(0x0056_b4e9),
        rgb(0x00e6_9f00),
        rgb(0x0000_9e73),
        rgb(0x00f0_e442),
        rgb(0x00cc_79a7),
        rgb(0x004c_96d7),
    ],
};

static DARK_INDEXED: Palette = Palette {
    text: Color::Indexed(253),
    background: Color::Indexed(233),
    dim: Color::Indexed(246),
    border: Color::Indexed(241),
    accent: Color::Indexed(74),
    bar: Color::Indexed(236),
    bar_text: Color::Indexed(254),
    bar_warning: Color::Indexed(227),
    good: Color::Indexed(36),
    warning: Color::Indexed(227),
    alert: Color::Indexed(209),
    busy: Color::Indexed(172),
    code: Color::Indexed(252),
    keyword: Color::Indexed(74),
    string: Color::Indexed(172),
    number: Color::Indexed(175),
    function: Color::Indexed(36),
    groups: &[
        Color::Indexed(74),
        Color::Indexed(172),
        Color::Indexed(35),
        Color::Indexed(227),
        Color::Indexed(175),
        Color::Indexed(68),
    ],
};

static LIGHT_TRUE: Palette = Palette {
    text: rgb(0x0020_2020),
    background: rgb(0x00fa_fafa),
    dim: rgb(0x0062_6262),
    border: rgb(0x0090_9090),
    accent: rgb(0x0000_5a91),
    bar: rgb(0x00dc_dcdc),
    bar_text: rgb(0x0018_1818),
    bar_warning: rgb(0x008a_3b00),
    good: rgb(0x0000_6b4e),
    warning: rgb(0x0080_5a00),
    alert: rgb(0x00b0_3a00),
    busy: rgb(0x0080_5a00),
    code: rgb(0x0030_3030),
    keyword: rgb(0x0000_5a91),
    string: rgb(0x0080_5a00),
    number: rgb(0x0090_3a6c),
    function: rgb(0x0000_6b4e),
    groups: &[
        rgb(0x0000_5a91),
        rgb(0x0094_5f00),
        rgb(0x0000_6b4e),
        rgb(0x0090_3a6c),
        rgb(0x0044_4fa8),
    ],
};

static LIGHT_INDEXED: Palette = Palette {
    text: Color::Indexed(234),
    background: Color::Indexed(231),
    dim: Color::Indexed(241),
    border: Color::Indexed(246),
    accent: Color::Indexed(24),
    bar: Color::Indexed(253),
    bar_text: Color::Indexed(233),
    bar_warning: Color::Indexed(88),
    good: Color::Indexed(23),
    warning: Color::Indexed(94),
    alert: Color::Indexed(124),
    busy: Color::Indexed(94),
    code: Color::Indexed(236),
    keyword: Color::Indexed(24),
    string: Color::Indexed(94),
    number: Color::Indexed(89),
    function: Color::Indexed(23),
    groups: &[
        Color::Indexed(24),
        Color::Indexed(94),
        Color::Indexed(23),
        Color::Indexed(89),
        Color::Indexed(61),
    ],
};

/// The terminal's own colours: its user has chosen what they look like, so text and background stay theirs.
static DARK_SIXTEEN: Palette = Palette {
    text: Color::Reset,
    background: Color::Reset,
    dim: Color::DarkGray,
    border: Color::DarkGray,
    accent: Color::Cyan,
    bar: Color::DarkGray,
    bar_text: Color::White,
    bar_warning: Color::LightYellow,
    good: Color::Green,
    warning: Color::Yellow,
    alert: Color::LightRed,
    busy: Color::Yellow,
    code: Color::Reset,
    keyword: Color::Cyan,
    string: Color::Yellow,
    number: Color::Magenta,
    function: Color::Green,
    groups: &[
        Color::LightBlue,
        Color::Cyan,
        Color::Yellow,
        Color::Magenta,
        Color::Green,
    ],
};

static LIGHT_SIXTEEN: Palette = Palette {
    text: Color::Reset,
    background: Color::Reset,
    dim: Color::DarkGray,
    border: Color::DarkGray,
    accent: Color::Blue,
    bar: Color::Gray,
    bar_text: Color::Black,
    bar_warning: Color::Red,
    good: Color::Green,
    warning: Color::Magenta,
    alert: Color::Red,
    busy: Color::Magenta,
    code: Color::Reset,
    keyword: Color::Blue,
    string: Color::Magenta,
    number: Color::Magenta,
    function: Color::Green,
    groups: &[Color::Blue, Color::Magenta, Color::Green, Color::Cyan],
};

static MONO: Palette = Palette {
    text: Color::Reset,
    background: Color::Reset,
    dim: Color::Reset,
    border: Color::Reset,
    accent: Color::Reset,
    bar: Color::Reset,
    bar_text: Color::Reset,
    bar_warning: Color::Reset,
    good: Color::Reset,
    warning: Color::Reset,
    alert: Color::Reset,
    busy: Color::Reset,
    code: Color::Reset,
    keyword: Color::Reset,
    string: Color::Reset,
    number: Color::Reset,
    function: Color::Reset,
    groups: &[Color::Reset],
};

/// The palette of a theme at a depth.
pub(super) fn of(name: ThemeName, depth: ColourDepth) -> &'static Palette {
    match (name, depth) {
        (ThemeName::Mono, _) => &MONO,
        (ThemeName::Dark, ColourDepth::True) => &DARK_TRUE,
        (ThemeName::Dark, ColourDepth::Indexed) => &DARK_INDEXED,
        (ThemeName::Dark, ColourDepth::Sixteen) => &DARK_SIXTEEN,
        (ThemeName::Light, ColourDepth::True) => &LIGHT_TRUE,
        (ThemeName::Light, ColourDepth::Indexed) => &LIGHT_INDEXED,
        (ThemeName::Light, ColourDepth::Sixteen) => &LIGHT_SIXTEEN,
    }
}
