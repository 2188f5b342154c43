use super::*;

#[test]
fn the_editor_edits() {
    let mut model = in_tour();
    type_text(&mut model, "SELECT foo");
    press(&mut model, &["Alt+u"]);
    assert_eq!(pane(&mut model).written.text(), "SELECT ");
    press(&mut model, &["Ctrl+Y"]);
    assert_eq!(pane(&mut model).written.text(), "SELECT foo");
    press(
        &mut model,
        &["Ctrl+Shift+Left", "Ctrl+X", "Ctrl+V", "Ctrl+V"],
    );
    assert_eq!(pane(&mut model).written.text(), "SELECT foofoo");
    press(&mut model, &["Ctrl+W", "Ctrl+A", "Alt+d", "Ctrl+K"]);
    assert_eq!(pane(&mut model).written.text(), "");
    type_text(&mut model, "  a");
    press(&mut model, &["Enter"]);
    type_text(&mut model, "b");
    assert_eq!(pane(&mut model).written.text(), "  a\n  b");
    press(&mut model, &["Backspace", "Ctrl+Home", "Delete", "Alt+k"]);
    assert_eq!(pane(&mut model).written.text(), "");
}

#[test]
fn a_paste_is_one_change_and_runs_nothing() {
    let mut model = in_tour();
    let lines = "SELECT 1;\r\n".repeat(10_000);
    assert!(tell(&mut model, Msg::Paste(lines)).is_empty());
    let sql = pane(&mut model);
    assert_eq!((sql.editor.lines().len(), sql.running), (10_001, None));
    press(&mut model, &["Alt+u"]);
    assert_eq!(pane(&mut model).written.text(), "");
    tell(
        &mut model,
        Msg::Paste("a\u{a0}b\u{1b}[31m\u{200b}\tc\rd".to_owned()),
    );
    assert_eq!(pane(&mut model).written.text(), "a b[31m\tc\nd");
    tell(&mut model, Msg::Paste("\n".repeat(60_000)));
    assert_eq!(pane(&mut model).editor.lines().len(), 2);
    assert!(model.notice.as_ref().unwrap().alarming);
}

#[test]
fn results_are_walked_through() {
    let mut model = in_tour();
    let columns = ["a", "b"];
    let brought = vec![
        SqlEvent::Columns(columns.iter().map(|name| column(name)).collect()),
        SqlEvent::Rows(values(&columns, 100)),
        SqlEvent::Complete("SELECT 100".to_owned()),
    ];
    answer(&mut model, "SELECT 1;", Vec::new());
    answer(&mut model, "SELECT 2;", brought);
    model.focus = Pane::Results;
    press(&mut model, &["Right", "Down", "Down"]);
    assert_eq!(pane(&mut model).cell, (2, 1));
    let effects = press(&mut model, &["y", "Y", "s"]);
    let copied: Vec<&str> = effects
        .iter()
        .map(|effect| match effect {
            Effect::Copy(text) => text.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(copied, ["b2", "a2\tb2", "SELECT 2;"]);
    press(&mut model, &["Ctrl+End"]);
    assert_eq!(
        (pane(&mut model).cell, pane(&mut model).offset),
        ((99, 1), (91, 0))
    );
    press(&mut model, &["x", "Ctrl+Home"]);
    assert_eq!(pane(&mut model).expanded, Some(true));
    press(&mut model, &["Down", "Down"]);
    assert_eq!(pane(&mut model).cell, (1, 1));
    press(&mut model, &["Enter"]);
    assert!(matches!(
        model.overlays.pop(),
        Some(Overlay::Cell { title, text, .. }) if title == "b of row 2 of 100" && text == "b1"
    ));
    press(&mut model, &["["]);
    assert_eq!((pane(&mut model).shown, pane(&mut model).cell), (0, (0, 0)));
    press(&mut model, &["[", "]", "]"]);
    assert_eq!(pane(&mut model).shown, 1);
    press(&mut model, &["e"]);
    assert_eq!(model.focus, Pane::Editor);
    assert_eq!(pane(&mut model).written.text(), "SELECT 2;");
}

#[test]
fn a_short_line_after_a_long_one_is_seen_from_its_beginning() {
    use ratatui::{buffer::Buffer, layout::Rect, widgets::Widget};
    let mut model = in_tour();
    let seen = Viewport {
        height: 3,
        width: 20,
        content: 1,
    };
    model.regions.viewports.insert(Pane::Editor, seen);
    let draw = |model: &mut Model| {
        let area = Rect::new(0, 0, 20, 3);
        (&pane(model).editor).render(area, &mut Buffer::empty(area));
        pane(model).editor.scroll_offset().1
    };
    written(&mut model, &"long ".repeat(20));
    assert!(draw(&mut model) > 0);
    press(&mut model, &["Alt+k"]);
    type_text(&mut model, "SELECT 1");
    assert_eq!(draw(&mut model), 0);
    assert_eq!(pane(&mut model).editor.cursor(), (0, 8));
}
