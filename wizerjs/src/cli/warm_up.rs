//! `--warm-up`, `--warm-up-header` and `--warm-up-body`: the latter two belong to the request that stands before them.

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command, Error, FromArgMatches};
use wizerjs::application::WarmUp;

const REQUEST: &str = "warm_up";
const HEADER: &str = "warm_up_header";
const BODY: &str = "warm_up_body";

/// Requests for the handler to answer in the build.
pub(super) struct WarmUpArgs(pub(super) Vec<WarmUp>);

impl clap::Args for WarmUpArgs {
    fn augment_args(command: Command) -> Command {
        let option = |id: &'static str, long: &'static str| Arg::new(id).long(long).action(ArgAction::Append);
        command
            .arg(option(REQUEST, "warm-up").value_name("REQUEST").value_parser(|text: &str| text.parse::<WarmUp>()).help(
                "Have the handler answer a request before its state is captured, as 'GET /path'; what it keeps is captured \
                 too",
            ))
            .arg(option(HEADER, "warm-up-header").value_name("NAME: VALUE").help("Header of the warm-up request before it"))
            .arg(
                option(BODY, "warm-up-body")
                    .value_name("TEXT|@FILE")
                    .value_parser(body)
                    .help("Body of the warm-up request before it"),
            )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for WarmUpArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut parts: Vec<(usize, Part)> = Vec::new();
        parts.extend(in_order::<WarmUp>(matches, REQUEST).map(|(at, request)| (at, Part::Request(request))));
        parts.extend(in_order::<String>(matches, HEADER).map(|(at, header)| (at, Part::Header(header))));
        parts.extend(in_order::<Vec<u8>>(matches, BODY).map(|(at, body)| (at, Part::Body(body))));
        parts.sort_by_key(|(at, _)| *at);
        let mut requests: Vec<WarmUp> = Vec::new();
        for (_, part) in parts {
            let (option, result) = match (part, requests.last_mut()) {
                (Part::Request(request), _) => {
                    requests.push(request);
                    continue;
                }
                (Part::Header(header), Some(request)) => ("--warm-up-header", request.add_header(&header)),
                (Part::Body(body), Some(request)) => ("--warm-up-body", request.set_body(body)),
                (Part::Header(_), None) => ("--warm-up-header", Err("it belongs behind a --warm-up".to_owned())),
                (Part::Body(_), None) => ("--warm-up-body", Err("it belongs behind a --warm-up".to_owned())),
            };
            result.map_err(|cause| Error::raw(ErrorKind::ValueValidation, format!("{option}: {cause}\n")))?;
        }
        Ok(Self(requests))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// What one option gives.
enum Part {
    Request(WarmUp),
    Header(String),
    Body(Vec<u8>),
}

/// Values of an option, each with its place on the command line.
fn in_order<T: Clone + Send + Sync + 'static>(matches: &ArgMatches, id: &str) -> impl Iterator<Item = (usize, T)> {
    let values = matches.get_many::<T>(id).into_iter().flatten().cloned();
    matches.indices_of(id).into_iter().flatten().zip(values)
}

/// A text, or what a file holds.
fn body(text: &str) -> Result<Vec<u8>, String> {
    match text.strip_prefix('@') {
        Some(path) => std::fs::read(path).map_err(|cause| format!("cannot read {path}: {cause}")),
        None => Ok(text.as_bytes().to_vec()),
    }
}
