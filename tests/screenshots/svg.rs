//! A terminal's screen as an SVG picture. Lines and blocks are drawn as shapes, so that they meet whatever font the reader has.

use std::fmt::Write;

use vt100::{Cell, Color, Screen};

/// Size of a cell, in the picture's units.
const CELL: (f32, f32) = (8.4, 18.0);
const FONT_SIZE: f32 = 14.0;
/// Where letters stand in a cell, from its top.
const BASELINE: f32 = 13.5;
const MARGIN: f32 = 10.0;

/// What stands for a terminal's own colours.
pub(crate) struct Ground {
    pub(crate) text: &'static str,
    pub(crate) background: &'static str,
}

/// The picture.
pub(crate) fn picture(screen: &Screen, ground: &Ground, title: &str) -> String {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let (width, height) = (
        f32::from(columns) * CELL.0 + 2.0 * MARGIN,
        f32::from(rows) * CELL.1 + 2.0 * MARGIN,
    );
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.1} {height:.1}\" width=\"{width:.0}\" height=\"{height:.0}\" \
         font-family=\"'DejaVu Sans Mono','Menlo','Consolas',monospace\" font-size=\"{FONT_SIZE}\">\n<title>{}</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{}\"/>\n",
        escaped(&format!("citus-tour: {}", title.replace('-', " "))),
        ground.background,
    );
    for row in 0..rows {
        backgrounds(&mut svg, screen, ground, row, columns);
        texts(&mut svg, screen, ground, row, columns);
    }
    svg += "</svg>\n";
    svg
}

fn x(column: u16) -> f32 {
    MARGIN + f32::from(column) * CELL.0
}

fn y(row: u16) -> f32 {
    MARGIN + f32::from(row) * CELL.1
}

/// How a cell looks: the colours of its text and of its ground.
fn colours(cell: &Cell, ground: &Ground) -> (String, String) {
    let text = colour(cell.fgcolor(), ground.text);
    let back = colour(cell.bgcolor(), ground.background);
    if cell.inverse() {
        (back, text)
    } else {
        (text, back)
    }
}

fn backgrounds(svg: &mut String, screen: &Screen, ground: &Ground, row: u16, columns: u16) {
    let mut start = 0;
    while start < columns {
        let back = |column: u16| screen.cell(row, column).map(|cell| colours(cell, ground).1);
        let fill = back(start);
        let mut end = start + 1;
        while end < columns && back(end) == fill {
            end += 1;
        }
        if let Some(fill) = fill.filter(|fill| fill != ground.background) {
            let (width, height) = (f32::from(end - start) * CELL.0, CELL.1);
            let _ = writeln!(
                svg,
                "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{height}\" fill=\"{fill}\"/>",
                x(start),
                y(row)
            );
        }
        start = end;
    }
}

#[derive(PartialEq)]
struct Look {
    fill: String,
    bold: bool,
    italic: bool,
    underline: bool,
    dim: bool,
}

fn look(cell: &Cell, ground: &Ground) -> Look {
    Look {
        fill: colours(cell, ground).0,
        bold: cell.bold(),
        italic: cell.italic(),
        underline: cell.underline(),
        dim: cell.dim(),
    }
}

fn texts(svg: &mut String, screen: &Screen, ground: &Ground, row: u16, columns: u16) {
    let mut column = 0;
    while column < columns {
        let Some(cell) = screen.cell(row, column) else {
            break;
        };
        let start = column;
        let style = look(cell, ground);
        if let Some(shape) = shape(cell.contents(), x(column), y(row), &style.fill) {
            svg.push_str(&shape);
            column += 1;
            continue;
        }
        let mut text = String::new();
        while let Some(cell) = screen.cell(row, column).filter(|cell| {
            column < columns && look(cell, ground) == style && !is_shape(cell.contents())
        }) {
            if !cell.is_wide_continuation() {
                text.push_str(if cell.has_contents() {
                    cell.contents()
                } else {
                    " "
                });
            }
            column += 1;
        }
        column = column.max(start + 1);
        if text.trim().is_empty() && !style.underline {
            continue;
        }
        let mut attributes = String::new();
        for (set, attribute) in [
            (style.bold, " font-weight=\"bold\""),
            (style.italic, " font-style=\"italic\""),
            (style.underline, " text-decoration=\"underline\""),
            (style.dim, " opacity=\"0.7\""),
        ] {
            if set {
                attributes += attribute;
            }
        }
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" textLength=\"{:.1}\" fill=\"{}\" xml:space=\"preserve\"{attributes}>{}</text>",
            x(start),
            y(row) + BASELINE,
            f32::from(column - start) * CELL.0,
            style.fill,
            escaped(&text)
        );
    }
}

fn is_shape(text: &str) -> bool {
    shape(text, 0.0, 0.0, "").is_some()
}

/// Lines and blocks, as shapes.
fn shape(text: &str, x: f32, y: f32, fill: &str) -> Option<String> {
    let (width, height) = CELL;
    let (middle, centre) = (x + width / 2.0, y + height / 2.0);
    let (right, bottom) = (x + width, y + height);
    let arms = |heavy: bool, ends: &[(f32, f32)]| {
        let stroke = if heavy { 2.0 } else { 1.0 };
        let path: String = ends
            .iter()
            .map(|(to_x, to_y)| format!("M{middle:.1} {centre:.1}L{to_x:.1} {to_y:.1}"))
            .collect();
        format!(
            "<path d=\"{path}\" stroke=\"{fill}\" stroke-width=\"{stroke}\" stroke-linecap=\"square\"/>\n"
        )
    };
    let block = |top: f32, height: f32, opacity: f32| {
        format!(
            "<rect x=\"{x:.1}\" y=\"{top:.1}\" width=\"{width}\" height=\"{height:.1}\" fill=\"{fill}\" opacity=\"{opacity}\"/>\n"
        )
    };
    let (up, down, left, to_right) = ((middle, y), (middle, bottom), (x, centre), (right, centre));
    Some(match text {
        "─" => arms(false, &[left, to_right]),
        "│" => arms(false, &[up, down]),
        "┌" => arms(false, &[to_right, down]),
        "┐" => arms(false, &[left, down]),
        "└" => arms(false, &[to_right, up]),
        "┘" => arms(false, &[left, up]),
        "├" => arms(false, &[up, down, to_right]),
        "┤" => arms(false, &[up, down, left]),
        "┬" => arms(false, &[left, to_right, down]),
        "┴" => arms(false, &[left, to_right, up]),
        "┼" => arms(false, &[left, to_right, up, down]),
        "━" => arms(true, &[left, to_right]),
        "┃" => arms(true, &[up, down]),
        "┏" => arms(true, &[to_right, down]),
        "┓" => arms(true, &[left, down]),
        "┗" => arms(true, &[to_right, up]),
        "┛" => arms(true, &[left, up]),
        "█" => block(y, height, 1.0),
        "▀" => block(y, height / 2.0, 1.0),
        "░" => block(y, height, 0.25),
        "▒" => block(y, height, 0.5),
        "▓" => block(y, height, 0.75),
        _ => return None,
    })
}

fn colour(colour: Color, own: &str) -> String {
    match colour {
        Color::Default => own.to_owned(),
        Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
        Color::Idx(index) => indexed(index),
    }
}

/// The colours of xterm.
fn indexed(index: u8) -> String {
    const FIRST: [&str; 16] = [
        "#000000", "#cd3131", "#0dbc79", "#e5e510", "#2472c8", "#bc3fbc", "#11a8cd", "#e5e5e5",
        "#666666", "#f14c4c", "#23d18b", "#f5f543", "#3b8eea", "#d670d6", "#29b8db", "#ffffff",
    ];
    let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
    match index {
        0..=15 => FIRST[usize::from(index)].to_owned(),
        16..=231 => {
            let cube = index - 16;
            let (red, green, blue) = (level(cube / 36), level(cube / 6 % 6), level(cube % 6));
            format!("#{red:02x}{green:02x}{blue:02x}")
        }
        232.. => {
            let grey = 8 + 10 * (index - 232);
            format!("#{grey:02x}{grey:02x}{grey:02x}")
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
