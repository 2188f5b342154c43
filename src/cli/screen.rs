//! Opens the screen: without a command, and `tour`.

use std::{env, sync::Arc};

use anyhow::Result;

use super::{
    arguments::{ClusterArguments, ScreenArguments, ThemeChoice, TourArguments},
    cluster::wish,
    failure::{Ending, UsageError},
    lint::{place, runs_on_yours, tours},
    output::{Output, is_interactive, remark},
};
use crate::{
    app::{Settings, ThemeName},
    lesson::Tour,
    runtime::{Directories, Runtime},
    terminal::{self, Launch, Looks, Wanted, look},
    topology,
};

/// Opens the home screen, or a tour at once.
pub(super) async fn screen(
    cluster: &ClusterArguments,
    screen: ScreenArguments,
    tour: Option<&TourArguments>,
    output: &Output,
) -> Result<Ending> {
    if !is_interactive() {
        return Err(UsageError(
            "the screen needs a terminal. `citus-tour play` plays a tour as plain text".to_owned(),
        )
        .into());
    }
    let settings = settings(tour.map_or(screen, |tour| screen.or(tour.screen)))?;
    let (guests, tours): (Vec<Tour>, Vec<Tour>) =
        tours(cluster)?.into_iter().partition(Tour::is_for_attached);
    let wanted = |guest: &&Tour| tour.is_some_and(|wanted| wanted.tour == guest.id);
    if let Some(guest) = guests.iter().find(wanted) {
        return Err(runs_on_yours(guest).into());
    }
    let open = tour
        .map(|wanted| {
            let known = tours.iter().map(|tour| tour.id.as_str());
            let index = known.clone().position(|id| id == wanted.tour);
            let index = index.ok_or_else(|| {
                let known = known.collect::<Vec<_>>().join(", ");
                UsageError(format!(
                    "there is no tour `{}`. There are: {known}",
                    wanted.tour
                ))
            })?;
            let at = wanted.at.as_deref();
            let place = at.map(|at| place(&tours[index], Some(at))).transpose()?;
            anyhow::Ok((index, place))
        })
        .transpose()?;
    let launch = Launch {
        settings,
        tours: tours.into_iter().map(Arc::new).collect(),
        topologies: topology::embedded()?,
        wish: wish(cluster),
        directories: Directories::from_environment()?,
        open,
        attached: None,
    };
    let ended = terminal::open(launch).await?;
    if let Some(name) = &ended.kept {
        output.line(format_args!(
            "The cluster goes on as `{name}`. `citus-tour psql --cluster {name}` talks to it, `citus-tour down --cluster {name}` ends it."
        ));
    }
    if ended.terminated {
        remark("interrupted: your progress is kept");
        return Ok(Ending::Interrupted);
    }
    Ok(Ending::Well)
}

/// Opens somebody's own cluster, with a page about it in place of lessons.
pub(super) async fn attached(
    cluster: &ClusterArguments,
    screen: ScreenArguments,
    (attached, page): (Arc<dyn Runtime>, Tour),
) -> Result<Ending> {
    let launch = Launch {
        settings: settings(screen)?,
        tours: vec![Arc::new(page)],
        topologies: Vec::new(),
        wish: wish(cluster),
        directories: Directories::from_environment()?,
        open: Some((0, Some((0, 0)))),
        attached: Some(Arc::clone(&attached)),
    };
    let ended = terminal::open(launch).await?;
    if let Some(schema) = attached.schema() {
        remark(format_args!(
            "the schema {schema} of the lessons could not be dropped and is still on {}: `citus-tour down --url …` drops it",
            attached.id()
        ));
        return Ok(Ending::Failed);
    }
    Ok(if ended.terminated {
        Ending::Interrupted
    } else {
        Ending::Well
    })
}

fn settings(screen: ScreenArguments) -> Result<Settings> {
    let wanted = Wanted {
        theme: match screen.theme {
            None | Some(ThemeChoice::Auto) => None,
            Some(ThemeChoice::Dark) => Some(ThemeName::Dark),
            Some(ThemeChoice::Light) => Some(ThemeName::Light),
            Some(ThemeChoice::Mono) => Some(ThemeName::Mono),
        },
        ascii: screen.ascii,
        no_motion: screen.no_motion,
        no_mouse: screen.no_mouse,
    };
    match look(wanted, |name| env::var(name).ok()) {
        Looks::Screen(settings) => Ok(settings),
        Looks::Dumb => Err(UsageError(
            "this terminal has lines only (TERM=dumb). `citus-tour --plain` leads through the tour in plain text".to_owned(),
        )
        .into()),
    }
}

impl ScreenArguments {
    /// What is said before the command counts where it says nothing.
    fn or(self, more: Self) -> Self {
        Self {
            theme: more.theme.or(self.theme),
            ascii: self.ascii || more.ascii,
            no_motion: self.no_motion || more.no_motion,
            no_mouse: self.no_mouse || more.no_mouse,
        }
    }
}
