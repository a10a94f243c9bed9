//! Instances that are kept, of many applications of one engine: whatever a request wrote, and whichever application an instance
//! was of before, the next request meets one that is in every byte as its application's image says.

mod guest;

use engine_artifact::{ChangedGlobal, DeltaBuilder, GlobalValue, Manifest, thin};
use guest::{ask, host, response, wat};
use runner::{App, Config, Host, Limits, Session};
use std::time::Duration;

const PAGE: usize = 4096;

/// Where an application says what a request writes: how often, how far apart; and how it ends.
const ORDERS: usize = 0x3_0000;

/// What a request does after it has written, and the status of its response.
const ENDINGS: [(&str, u16); 6] = [
    ("(nop)", 200),
    ("(unreachable)", 500),
    ("(drop (memory.grow (i32.const 1)))", 200),
    ("(return (i32.const 2))", 500),
    ("(return (i32.const 0))", 500),
    ("(loop $forever (br $forever))", 504),
];

/// The ending that takes as long as a request may take.
const FOREVER: usize = 5;

/// Pages of 64 KiB of the engine's memory.
const ENGINE_PAGES: u64 = 64;

/// An engine whose applications write to their memory as their data says, and answer with their name.
struct Engine {
    _folder: tempfile::TempDir,
    digest: [u8; 32],
    host: Host,
}

/// What a request of an application writes: the bytes from 0x80000 on in so many steps.
#[derive(Clone, Copy)]
struct Writes {
    count: u32,
    step: u32,
    /// Index in [`ENDINGS`].
    ending: usize,
}

const FEW: Writes = Writes { count: 5, step: 3 * PAGE as u32, ending: 0 };

/// Seven bytes, as `name` makes them.
fn name(number: usize) -> String {
    format!("app{number:04}")
}

fn engine_wasm() -> Vec<u8> {
    let ending = |(index, (code, _)): (usize, &(&str, u16))| {
        format!("(if (i32.eq (i32.load (i32.const {})) (i32.const {index})) (then {code}))", ORDERS + 8)
    };
    let endings: String = ENDINGS.iter().enumerate().map(ending).collect();
    let write = format!(
        "(local.set $i (i32.load (i32.const {ORDERS})))
         (if (local.get $i) (then (loop $again
           (local.set $i (i32.sub (local.get $i) (i32.const 1)))
           (i32.store8
             (i32.add (i32.const 0x80000) (i32.mul (local.get $i) (i32.load (i32.const {}))))
             (i32.const 0xee))
           (br_if $again (local.get $i)))))
         (global.set $count (i64.add (global.get $count) (i64.const 1)))
         {endings}
         (call $head (global.get $ok) (global.get $ok_len))",
        ORDERS + 4
    );
    wat::parse_str(wat(&[("ok", response(200, &name(0)))], &write, "(unreachable)")).expect("valid WAT")
}

impl Engine {
    fn new(limits: Limits) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, wasm) = (folder.path().join("engine.wasm"), engine_wasm());
        std::fs::write(&file, &wasm).expect("written");
        let host = host(Config { limits, engines: vec![file], ..Config::default() });
        Self { _folder: folder, digest: *blake3::hash(&wasm).as_bytes(), host }
    }

    /// An application with its name, what its requests write, and these segments, which are behind all that.
    fn load(&self, number: usize, writes: Writes, segments: &[(usize, Vec<u8>)], memory_pages: u64) -> App {
        let (own_name, template) = (name(number), response(200, &name(0)));
        let at = template.windows(own_name.len()).position(|part| part == name(0).as_bytes()).expect("the name");
        let mut delta = DeltaBuilder::default();
        let mut add = |offset: usize, bytes: &[u8]| delta.segment(offset as u64, bytes).expect("in order");
        add(guest::MESSAGES + at, own_name.as_bytes());
        let orders = [writes.count, writes.step, writes.ending as u32];
        add(ORDERS, &orders.map(u32::to_le_bytes).concat());
        segments.iter().for_each(|(offset, bytes)| add(*offset, bytes));
        let manifest = Manifest {
            engine_digest: self.digest,
            engine_name: "by hand".to_owned(),
            entry: "app.js".to_owned(),
            memory_pages,
            globals: vec![ChangedGlobal { export: "count".to_owned(), value: GlobalValue::I64(number as u64) }],
            env_names: vec![],
            map_id: String::new(),
        };
        let artifact = thin::write(&manifest, &delta.finish(), None).expect("an artifact");
        self.host.load_bytes(&own_name, artifact).expect("an application")
    }

    fn small(&self, number: usize, writes: Writes) -> App {
        // Where the data of applications is differs, and overlaps with what others write.
        let at = 0x7_0000 + number % 50 * 3_000;
        self.load(number, writes, &[(at, vec![number as u8; 5_000]), (at + 0x3_0000, vec![7; 10])], ENGINE_PAGES)
    }

    /// With a difference of so many pages, of which each leaves out some of the next.
    fn large(&self, number: usize, pages: usize, step: usize, writes: Writes, memory_pages: u64) -> App {
        let segment = |index: usize| (0x6_0000 + index * step * PAGE + 100, vec![number as u8; PAGE - 200]);
        self.load(number, writes, &(0..pages).map(segment).collect::<Vec<_>>(), memory_pages)
    }
}

fn answers(runtime: &tokio::runtime::Runtime, app: &App) {
    assert_eq!(runtime.block_on(ask(app)), (200, app.name().to_owned()));
}

/// A request, and then: the instance that the next one would get is as the image says.
fn check(runtime: &tokio::runtime::Runtime, app: &App) {
    answers(runtime, app);
    pristine(app);
}

fn pristine(app: &App) {
    let mut session = app.session().expect("an instance");
    session.compare_with_image().unwrap_or_else(|difference| panic!("{}: {difference}", app.name()));
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// Room for two or three instances.
fn few_kept() -> Limits {
    Limits { kept_bytes: Some(1 << 20), ..Limits::default() }
}

#[test]
fn a_thousand_applications_share_a_few_instances() {
    let (engine, runtime) = (Engine::new(few_kept()), runtime());
    let apps: Vec<App> = (0..1_000).map(|number| engine.small(number, FEW)).collect();
    apps.iter().for_each(|app| check(&runtime, app));
    // In another order.
    (0..1_000).for_each(|index| answers(&runtime, &apps[index * 7 % 1_000]));
    (0..100).for_each(|index| check(&runtime, &apps[index * 77 % 1_000]));
    // As it was taken over, before any request.
    (0..100).for_each(|index| pristine(&apps[index * 13 % 1_000]));
    let metrics = engine.host.metrics();
    let (made, taken_over) = (metrics.instances_created.get(), metrics.instances_taken_over.get());
    assert!(made < 10 && taken_over > 2_100, "{metrics:?}");
}

#[test]
fn applications_that_take_turns_get_instances_of_their_own() {
    let (engine, runtime) = (Engine::new(Limits::default()), runtime());
    let apps: Vec<App> = (0..3).map(|number| engine.small(number, FEW)).collect();
    let ask_all = |times| (0..times).for_each(|_| apps.iter().for_each(|app| check(&runtime, app)));
    ask_all(40);
    let taken_over = engine.host.metrics().instances_taken_over.get();
    ask_all(10);
    assert_eq!(engine.host.metrics().instances_taken_over.get(), taken_over);
}

#[test]
fn large_writers_leave_nothing_behind() {
    for limits in [Limits::default(), few_kept()] {
        let (engine, runtime) = (Engine::new(limits), runtime());
        let writers = [(10, 1), (100, 1), (600, 1), (300, 2), (390, 2), (40, 20), (4000, 0)];
        let apps: Vec<App> = writers
            .iter()
            .enumerate()
            .map(|(number, (count, step))| {
                engine.small(number, Writes { count: *count, step: step * PAGE as u32, ending: 0 })
            })
            .collect();
        for _ in 0..5 {
            apps.iter().for_each(|app| check(&runtime, app));
        }
        for app in &apps {
            // Until it is looked at what each request really wrote.
            (0..60).for_each(|_| answers(&runtime, app));
            (0..5).for_each(|_| check(&runtime, app));
        }
    }
}

#[test]
fn images_of_every_size_are_restored() {
    for (limits, fresh) in [(Limits::default(), false), (few_kept(), false), (Limits::default(), true)] {
        let mut engine = Engine::new(limits);
        if fresh {
            let config = |file| Config { fresh_instances: true, engines: vec![file], ..Config::default() };
            engine.host = host(config(engine._folder.path().join("engine.wasm")));
        }
        let runtime = runtime();
        let more = ENGINE_PAGES + 20;
        let apps = [
            engine.large(0, 1, 1, FEW, ENGINE_PAGES),
            engine.large(1, 60, 3, FEW, ENGINE_PAGES),
            engine.large(2, 100, 5, Writes { count: 300, step: 4096, ending: 0 }, ENGINE_PAGES),
            engine.large(3, 600, 1, FEW, ENGINE_PAGES),
            engine.large(4, 450, 2, Writes { count: 390, step: 8192, ending: 0 }, ENGINE_PAGES),
            engine.large(5, 40, 20, FEW, ENGINE_PAGES),
            // Beyond the engine's memory.
            engine.large(6, 1_200, 1, Writes { count: 1_000, step: 4096, ending: 0 }, more),
            engine.large(7, 60, 20, FEW, more),
        ];
        for _ in 0..3 {
            apps.iter().for_each(pristine);
            apps.iter().for_each(|app| (0..3).for_each(|_| check(&runtime, app)));
            apps.iter().rev().for_each(|app| check(&runtime, app));
        }
    }
}

#[test]
fn nothing_is_left_whatever_the_image_and_the_ending() {
    for (ending, (code, status)) in ENDINGS.iter().enumerate() {
        let wall_time = if ending == FOREVER { Duration::from_millis(300) } else { Limits::default().wall_time };
        let (engine, runtime) = (Engine::new(Limits { wall_time, ..few_kept() }), runtime());
        let writes = |count, step: usize| Writes { count, step: step as u32, ending };
        let apps = [
            engine.small(0, writes(5, PAGE)),
            engine.small(1, writes(600, PAGE)),
            engine.large(2, 600, 1, writes(300, 2 * PAGE), ENGINE_PAGES),
            engine.large(3, 1_200, 1, writes(1_000, PAGE), ENGINE_PAGES + 20),
        ];
        let answering = engine.small(4, FEW);
        for app in apps.iter().chain(&apps) {
            assert_eq!(runtime.block_on(ask(app)).0, *status, "{code}");
            pristine(app);
            if ending != FOREVER {
                check(&runtime, &answering);
            }
        }
    }
}

#[test]
fn what_was_written_once_is_not_restored_forever() {
    let (engine, runtime) = (Engine::new(Limits::default()), runtime());
    let (heavy, light) = (Writes { count: 200, step: PAGE as u32, ending: 0 }, FEW);
    let [heavy, light] = [heavy, light].map(|writes| engine.small(1, writes));
    let pages = |app: &App| app.session().expect("an instance").reset().expect("a reset").pages;
    check(&runtime, &heavy);
    assert!(pages(&heavy) >= 200);
    // The only one there is becomes one of the other application.
    check(&runtime, &light);
    assert_eq!(engine.host.metrics().instances_created.get(), 1);
    assert!(pages(&light) >= 200);
    (0..100).for_each(|_| answers(&runtime, &light));
    assert!(pages(&light) < 20, "{}", pages(&light));
    let message = Session::get("http://localhost/");
    let mut session = light.session().expect("an instance");
    session.handle_sync(&message).expect("an answer");
    assert!(session.reset().expect("a reset").pages >= 5);
    session.compare_with_image().expect("pristine");
}
