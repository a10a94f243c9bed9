//! The start of a process: until its first answer, and its memory then.

use super::Context;
use super::serving::application::Application;
use super::serving::hosts::{self, Host};
use crate::measure::cpu;
use crate::measure::server::{self, Server};
use crate::report::{Plot, Samples, Shape, Suite, Table, shown};
use anyhow::Result;

/// What starts: the least, and 580 KB of React.
const APPLICATIONS: [&str; 2] = ["hello", "react"];

const TIME: &str = "first answer";
const MEMORY: &str = "PSS";

/// Measure starts.
pub(super) fn measure(context: &mut Context) -> Result<Suite> {
    let mut samples = Samples::default();
    let hosts = hosts::that_start(context);
    let mut applications = Vec::new();
    for name in APPLICATIONS {
        if context.wants("start", name) {
            applications.push(Application::new(context, name)?);
        }
    }
    // Commands make what they need, such as an artifact, before anything is timed.
    context.rounds("start", &mut samples, |context, samples, _| {
        for application in &applications {
            for host in &hosts {
                if samples.error(application.name, &host.name).is_none()
                    && let Err(error) = turn(context, application, host, samples)
                {
                    samples.fail(application.name, &host.name, &error);
                }
            }
        }
        Ok(())
    })?;
    let tables = applications.iter().map(|application| table(application.name, &hosts, &samples)).collect();
    let plots = applications.iter().filter_map(|application| plot(application.name, &hosts, &samples)).collect();
    Ok(Suite { name: "start", title: "Start of a process", about: about(), headline: None, tables, plots, samples })
}

fn about() -> Vec<String> {
    vec![
        "From the start of the process until a client that tries all the time has the first answer, on one processor, files in the page cache; and the memory (PSS) of its processes then. Ours finds the engine's machine code in its cache, from an artifact or from the source, which it builds first; `react` is a bundle of 580 KB."
            .to_owned(),
    ]
}

fn turn(context: &mut Context, application: &Application, host: &Host, samples: &mut Samples) -> Result<()> {
    let address = server::free_address()?;
    let mut command = (host.command)(context, application, address)?;
    let log = server::log_file(&context.work, &format!("start {} {}", application.name, host.name))?;
    let server = Server::start(&mut command, address, &application.request, &log)?;
    let milliseconds = server.first_answer().as_secs_f64() * 1e3;
    samples.add(application.name, &host.name, TIME, "ms", milliseconds);
    samples.add(application.name, &host.name, MEMORY, "MB", cpu::memory_of(server.id())? as f64 / 1e6);
    Ok(())
}

fn table(application: &str, hosts: &[Host], samples: &Samples) -> Table {
    let row = |host: &Host| {
        let cell = |what| samples.median(application, &host.name, what).map_or("–".to_owned(), shown);
        vec![host.name.clone(), cell(TIME), cell(MEMORY)]
    };
    let error = |host: &Host| Some(format!("{}: {}", host.name, samples.error(application, &host.name)?));
    Table {
        title: format!("{application}, from start to first answer"),
        head: ["", "ms", "PSS MB"].map(str::to_owned).to_vec(),
        rows: hosts.iter().map(row).collect(),
        notes: hosts.iter().filter_map(error).collect(),
    }
}

fn plot(application: &str, hosts: &[Host], samples: &Samples) -> Option<Plot> {
    let bar = |host: &Host| Some((host.name.clone(), samples.median(application, &host.name, TIME)?, host.is_ours));
    let mut bars: Vec<_> = hosts.iter().filter_map(bar).collect();
    bars.sort_by(|one, other| one.1.total_cmp(&other.1));
    let ours = bars.iter().find(|bar| bar.2)?.1;
    let theirs = bars.iter().find(|bar| !bar.2)?.1;
    Some(Plot {
        name: format!("start-{application}"),
        title: format!("{application}: from the start of the process to the first answer"),
        axis: "milliseconds, shorter is better".to_owned(),
        says: format!("Ours answers after {} ms, {} times the fastest other.", shown(ours), shown(ours / theirs)),
        shape: Shape::Bars(bars),
    })
}
