//! A tour of two lessons made for the purpose, and the rules of walking through it.

mod going;
mod predictions;
mod steps;

use std::{sync::Arc, time::Instant};

use super::*;
use crate::{
    app::{Boot, ClusterFacts, Effect, Model, OpenTour, Screen, Settings, execute, keys::Command},
    lesson::{LessonSource, Tour, load},
    player::{CheckState, Verdict, progress::Progress},
};

const SUMMARY: &str = "# Summary\n\n# Trial\n\n- [One]()\n  - [First](a/first.md)\n  - [Second](a/second.md)\n  - [Third](a/third.md)\n";

const FIRST: &str = r#"---
format: 1
id: first
title: First
minutes: 5
topology: journey
---
# First

Welcome.

<details><summary>Setup</summary>

```sql setup
CREATE TABLE t (a int);
```

</details>

## Do things

```sql run
CREATE TABLE u (a int);
```

```sql run
SELECT count(*) FROM t;
```

```sql check="u is there"
SELECT to_regclass('u') IS NOT NULL;
```

<details><summary>Hint</summary>

One.

</details>

<details><summary>Hint</summary>

Two.

</details>

<details><summary>Solution</summary>

```sql run
CREATE TABLE u (b int);
```

```sql run
SELECT 2;
```

</details>

## Guess

```text predict
What happens to worker1?

- [ ] Nothing
- [x] It dies
```

```text predict
What does SELECT count(*) FROM u say?

- [x] It fails
- [ ] 0
```

The answer is told here.

<!-- map: focus=orders tenant=42 -->

## Kill

```console action=kill node=worker1
$ citus-tour node kill worker1
```

## Look

```sql run
SELECT 1;
```

```sql run fails="08"
SELECT count(*) FROM u;
```

## Read

Nothing to do.
"#;

const SECOND: &str = r"---
format: 1
id: second
title: Second
minutes: 5
topology: journey
start: first
---
# Second

Hello.

## Run

```sql run
SELECT create_reference_table('u');
```
";

const THIRD: &str = r"---
format: 1
id: third
title: Third
minutes: 5
topology: journey
start: first
---
# Third

Hello.

## Last

Good bye.
";

fn tour() -> Tour {
    let source = LessonSource::from_texts([
        ("SUMMARY.md", SUMMARY),
        ("a/first.md", FIRST),
        ("a/second.md", SECOND),
        ("a/third.md", THIRD),
    ]);
    load(&source).unwrap().swap_remove(0)
}

fn facts() -> ClusterFacts {
    ClusterFacts {
        engine: "emulation".to_owned(),
        real: false,
        runtime: "local".to_owned(),
        id: "abcd".to_owned(),
        read_only: false,
        schema: None,
        kept: None,
        acts: Vec::new(),
        nodes: Vec::new(),
    }
}

/// A tour at a place, its cluster ready and its checks watched.
fn at(place: Place) -> Model {
    let now = Instant::now();
    let mut model = Model::new(Settings::default(), (120, 36), now);
    let mut open = OpenTour::new(3, Arc::new(tour()), place, Vec::new(), now);
    open.facts = Some(facts());
    model.tour = Some(Box::new(open));
    model.screen = Screen::Tour;
    model.home.progress_known = true;
    pane(&mut model);
    model.tour.as_mut().unwrap().boot = Boot::Ready;
    let now = model.now;
    ready(&mut model, now);
    set_up(&mut model, Ok(()), now);
    model
}

fn pane(model: &mut Model) -> &mut LessonPane {
    &mut model.tour.as_mut().unwrap().lesson
}

fn press_key(model: &mut Model, command: LessonCommand) -> Vec<Effect> {
    let now = model.now;
    execute(model, Command::Lesson(command), now)
}

fn id(step: usize, block: usize) -> ItemId {
    ItemId::of_block((0, step), block)
}

/// The place of the first block of a step that is so.
fn block(step: usize, wanted: fn(&crate::lesson::Block) -> bool) -> ItemId {
    let tour = tour();
    let blocks = &tour.lesson(0).unwrap().steps[step].blocks;
    id(step, blocks.iter().position(wanted).unwrap())
}

fn check() -> ItemId {
    block(0, |block| matches!(block, crate::lesson::Block::Check(_)))
}

fn marked_now(model: &Model) -> Item<'_> {
    marked_item(model.tour.as_deref().unwrap())
}

/// A run or an action goes as the lesson says, or otherwise.
fn goes(model: &mut Model, item: ItemId, verdict: Verdict) -> Vec<Effect> {
    pane(model).items.insert(item, ItemState::Running);
    let now = model.now;
    run_done(model, item, Some(verdict), now)
}

fn says(model: &mut Model, item: ItemId, state: CheckState) -> Vec<Effect> {
    let now = model.now;
    check_said(model, item, state, now)
}

fn saved(effects: &[Effect]) -> Option<&Progress> {
    effects.iter().find_map(|effect| match effect {
        Effect::SaveProgress(progress) => Some(progress.as_ref()),
        _ => None,
    })
}
