//! What the cache promises, with small modules.

use engine_code_cache::{CodeCache, DEFAULT_MAX_BYTES, Origin, codegen_config};
use std::borrow::Cow;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use wasmtime::{Engine, Instance, Module, Store};

fn engine() -> Engine {
    Engine::new(&codegen_config()).expect("the settings fit this machine")
}

fn answer(engine: &Engine, module: &Module) -> i32 {
    let mut store = Store::new(engine, ());
    store.set_epoch_deadline(1);
    let instance = Instance::new(&mut store, module, &[]).expect("instantiate");
    instance.get_typed_func::<(), i32>(&mut store, "answer").expect("export").call(&mut store, ()).expect("call")
}

fn wasm(answer: i32) -> Vec<u8> {
    wat::parse_str(format!(r#"(module (func (export "answer") (result i32) (i32.const {answer})))"#)).expect("WAT")
}

fn get(cache: &CodeCache, engine: &Engine, wasm: &[u8]) -> (Module, Origin) {
    cache.module(engine, blake3::hash(wasm).as_bytes(), || Ok(Cow::Borrowed(wasm))).expect("a module")
}

fn files(cache: &CodeCache) -> Vec<PathBuf> {
    let entries = fs::read_dir(cache.directory()).expect("read").map(|entry| entry.expect("entry").path());
    entries.filter(|path| path.extension().is_some_and(|extension| extension == "cwasm")).collect()
}

/// Everything that is in the folder.
fn names(cache: &CodeCache) -> Vec<String> {
    let entries = fs::read_dir(cache.directory()).expect("read").map(|entry| entry.expect("entry").file_name());
    entries.map(|name| name.to_string_lossy().into_owned()).collect()
}

fn temporary() -> (tempfile::TempDir, CodeCache) {
    let folder = tempfile::tempdir().expect("folder");
    let cache = CodeCache::open(&folder.path().join("deep/cache"), DEFAULT_MAX_BYTES).expect("cache");
    (folder, cache)
}

/// A cache that keeps the code of one module; the engine, the module and the file.
fn kept(number: i32) -> (tempfile::TempDir, CodeCache, Engine, Vec<u8>, PathBuf) {
    let (folder, cache) = temporary();
    let (engine, wasm) = (engine(), wasm(number));
    get(&cache, &engine, &wasm);
    let path = files(&cache).remove(0);
    (folder, cache, engine, wasm, path)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("metadata").permissions().mode() & 0o777
}

#[test]
fn the_second_time_nothing_is_compiled_or_even_read() {
    let (_folder, cache) = temporary();
    let (engine, wasm) = (engine(), wasm(42));
    let (module, origin) = get(&cache, &engine, &wasm);
    assert_eq!((answer(&engine, &module), origin), (42, Origin::Compiled));
    let (module, origin) = cache
        .module(&engine, blake3::hash(&wasm).as_bytes(), || anyhow::bail!("asked for the wasm of a cached module"))
        .expect("cached");
    assert_eq!((answer(&engine, &module), origin), (42, Origin::Cached));
}

#[test]
fn folder_and_files_are_private() {
    let (_folder, cache) = temporary();
    get(&cache, &engine(), &wasm(1));
    assert_eq!(mode(cache.directory()), 0o700);
    assert_eq!(files(&cache).iter().map(|path| mode(path)).collect::<Vec<_>>(), [0o600]);
}

#[test]
fn a_folder_that_others_can_write_to_is_refused() {
    let folder = tempfile::tempdir().expect("folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).expect("chmod");
    let error = CodeCache::open(folder.path(), DEFAULT_MAX_BYTES).expect_err("refused");
    assert_eq!(
        format!("{error:#}"),
        format!(
            "{}: machine code is only kept in a folder that you alone can write to: others can write to it (mode 777)",
            folder.path().display()
        )
    );
}

#[test]
fn a_file_that_others_can_write_to_is_replaced() {
    let (_folder, cache, engine, wasm, path) = kept(5);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).expect("chmod");
    let (module, origin) = get(&cache, &engine, &wasm);
    assert!(matches!(origin, Origin::Replaced(reason) if reason.ends_with("others can write to it (mode 666)")));
    assert_eq!(answer(&engine, &module), 5);
}

#[test]
fn a_link_is_not_followed() {
    let (_folder, cache, engine, wasm, path) = kept(6);
    let elsewhere = cache.directory().with_extension("elsewhere");
    fs::rename(&path, &elsewhere).expect("move");
    std::os::unix::fs::symlink(&elsewhere, &path).expect("link");
    assert!(matches!(get(&cache, &engine, &wasm).1, Origin::Replaced(_)));
}

#[test]
fn any_changed_byte_leads_to_recompilation() {
    let (_folder, cache, engine, wasm, path) = kept(7);
    let good = fs::read(&path).expect("read");
    // Every region of the file: a stride that is prime visits headers, text and data.
    for position in (0..good.len()).step_by(997) {
        let mut bad = good.clone();
        bad[position] ^= 0x40;
        fs::write(&path, &bad).expect("write");
        let (module, origin) = get(&cache, &engine, &wasm);
        assert!(
            matches!(origin, Origin::Replaced(reason) if reason.ends_with("its contents were changed")),
            "{position}"
        );
        assert_eq!(answer(&engine, &module), 7);
    }
    for end in [0, 1, good.len() / 2, good.len() - 1] {
        fs::write(&path, &good[..end]).expect("write");
        assert!(matches!(get(&cache, &engine, &wasm).1, Origin::Replaced(_)), "cut at {end}");
    }
}

/// What the stamp of a file says.
fn stamp_of(path: &Path) -> String {
    fs::read_to_string(path.with_extension("stamp")).expect("a stamp")
}

#[test]
fn a_stamp_stands_for_the_file_as_it_was_verified() {
    let (_folder, cache, engine, wasm, path) = kept(10);
    let stamp = stamp_of(&path);
    assert_eq!(get(&cache, &engine, &wasm).1, Origin::Cached);
    assert_eq!(stamp_of(&path), stamp, "it is believed");

    // A change with the size and the time of the last write as before: the kernel's own time gives it away.
    let good = fs::read(&path).expect("read");
    let modified = fs::metadata(&path).and_then(|file| file.modified()).expect("time");
    let mut bad = good.clone();
    *bad.last_mut().expect("a byte") ^= 1;
    fs::write(&path, &bad).expect("write");
    fs::File::open(&path).expect("open").set_modified(modified).expect("set");
    assert!(matches!(get(&cache, &engine, &wasm).1, Origin::Replaced(_)));

    // Another file in its place, with the same contents: verified, and stamped anew.
    let path = files(&cache).remove(0);
    let stamp = stamp_of(&path);
    fs::copy(&path, path.with_extension("copy")).expect("copy");
    fs::rename(path.with_extension("copy"), &path).expect("rename");
    std::thread::sleep(std::time::Duration::from_millis(50));
    assert_eq!(get(&cache, &engine, &wasm).1, Origin::Cached);
    assert_ne!(stamp_of(&path), stamp);
}

#[test]
fn stamps_that_say_something_else_are_not_believed() {
    let (_folder, cache, engine, wasm, path) = kept(11);
    let stamp = path.with_extension("stamp");
    let good = stamp_of(&path);
    let modified = |age: u64| {
        let time = std::time::SystemTime::now() - std::time::Duration::from_secs(age);
        fs::File::open(&stamp).expect("open").set_modified(time).expect("set");
    };
    let spoilt: [(&str, &dyn Fn()); 6] = [
        ("no stamp", &|| fs::remove_file(&stamp).expect("remove")),
        ("empty", &|| fs::write(&stamp, "").expect("write")),
        ("cut", &|| fs::write(&stamp, &good[..good.len() - 2]).expect("write")),
        ("longer", &|| fs::write(&stamp, good.repeat(2)).expect("write")),
        ("others can write to it", &|| {
            fs::set_permissions(&stamp, fs::Permissions::from_mode(0o622)).expect("chmod");
        }),
        ("old", &|| modified(25 * 60 * 60)),
    ];
    for (how, spoil) in spoilt {
        spoil();
        let before = fs::metadata(&stamp).map(|file| std::os::unix::fs::MetadataExt::ino(&file)).ok();
        assert_eq!(get(&cache, &engine, &wasm).1, Origin::Cached, "{how}: its contents are what they should be");
        let after = fs::metadata(&stamp).map(|file| std::os::unix::fs::MetadataExt::ino(&file)).ok();
        assert!(after.is_some() && after != before, "{how}: verified, and stamped anew");
        assert_eq!(stamp_of(&path), good, "{how}");
    }
}

#[test]
fn stamps_go_with_their_files() {
    let (_folder, cache) = temporary();
    let (engine, wasm) = (engine(), [wasm(12), wasm(13)]);
    get(&cache, &engine, &wasm[0]);
    let path = files(&cache).remove(0);
    fs::remove_file(&path).expect("remove");
    assert!(path.with_extension("stamp").exists());
    get(&cache, &engine, &wasm[1]);
    assert!(!path.with_extension("stamp").exists());
}

#[test]
fn settings_are_part_of_the_key() {
    let (_folder, cache) = temporary();
    let wasm = wasm(8);
    get(&cache, &engine(), &wasm);
    let mut config = codegen_config();
    config.epoch_interruption(false);
    let other = Engine::new(&config).expect("engine");
    assert_eq!(get(&cache, &other, &wasm).1, Origin::Compiled);
    assert_eq!(files(&cache).len(), 2);
}

#[test]
fn the_least_recently_used_is_evicted_and_the_newest_kept() {
    let folder = tempfile::tempdir().expect("folder");
    let engine = engine();
    let path = folder.path().join("cache");
    let probe = CodeCache::open(&path, DEFAULT_MAX_BYTES).expect("cache");
    get(&probe, &engine, &wasm(1));
    let file_bytes = fs::metadata(&files(&probe)[0]).expect("metadata").len();
    // Room for two files and a half.
    let cache = CodeCache::open(&path, file_bytes * 5 / 2).expect("cache");
    get(&cache, &engine, &wasm(2));
    let age = |answer, seconds| {
        let code = wasm(answer);
        get(&cache, &engine, &code);
        let newest = files(&cache)
            .into_iter()
            .max_by_key(|path| fs::metadata(path).and_then(|metadata| metadata.modified()).expect("time"))
            .expect("a file");
        let time = std::time::SystemTime::now() - std::time::Duration::from_secs(seconds);
        for path in [newest.with_extension("stamp"), newest] {
            fs::File::open(path).expect("open").set_modified(time).expect("set");
        }
    };
    age(2, 200);
    age(1, 100);
    get(&cache, &engine, &wasm(3));
    assert_eq!(files(&cache).len(), 2);
    assert_eq!(get(&cache, &engine, &wasm(1)).1, Origin::Cached);
    assert_eq!(get(&cache, &engine, &wasm(3)).1, Origin::Cached);
    assert_eq!(get(&cache, &engine, &wasm(2)).1, Origin::Compiled);
}

#[test]
fn base_modules_count_for_the_bound() {
    let folder = tempfile::tempdir().expect("folder");
    let engine = engine();
    let path = folder.path().join("cache");
    let cache = CodeCache::open(&path, 1 << 20).expect("cache");
    let base = |number: u32| path.join(format!("base-{number}.wasm"));
    for number in 0..3 {
        fs::write(base(number), vec![0; 400 << 10]).expect("written");
        let time = std::time::SystemTime::now() - std::time::Duration::from_secs(100 - u64::from(number));
        fs::File::open(base(number)).expect("open").set_modified(time).expect("set");
    }
    cache.used(&base(0));
    assert_eq!([0, 1, 2].map(|number| base(number).exists()), [true, false, true]);
    fs::write(base(3), vec![0; 400 << 10]).expect("written");
    get(&cache, &engine, &wasm(1));
    assert!(!base(2).exists() && base(3).exists(), "compiling makes room too");
}

#[test]
fn what_many_want_at_once_is_compiled_once() {
    let (_folder, cache) = temporary();
    let (engine, wasm) = (engine(), wasm(9));
    let compiled = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                if get(&cache, &engine, &wasm).1 == Origin::Compiled {
                    compiled.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(compiled.into_inner(), 1);
}

#[test]
fn nothing_but_machine_code_is_left() {
    let (_folder, cache) = temporary();
    let engine = engine();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..4).for_each(|number| drop(get(&cache, &engine, &wasm(number)))));
        }
    });
    let failed = cache.module(&engine, &[0; 32], || anyhow::bail!("no wasm"));
    assert_eq!(failed.expect_err("failed").to_string(), "no wasm");
    let names = names(&cache);
    let ending = |ending: &str| names.iter().filter(|name| name.ends_with(ending)).count();
    assert_eq!((ending(".cwasm"), ending(".stamp"), names.len()), (4, 4, 8), "{names:?}");
}

#[test]
fn many_at_once_get_the_same_answer() {
    let (_folder, cache) = temporary();
    let engine = engine();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for number in 0..10 {
                    let (module, origin) = get(&cache, &engine, &wasm(number));
                    assert!(!matches!(origin, Origin::Replaced(_)), "{origin:?}");
                    assert_eq!(answer(&engine, &module), number);
                }
            });
        }
    });
}

#[test]
fn what_cannot_be_stored_is_used_all_the_same() {
    let (folder, cache) = temporary();
    let (engine, wasm) = (engine(), wasm(9));
    fs::remove_dir_all(folder.path().join("deep")).expect("removed");
    for cache in [cache.clone(), cache.giving_way()] {
        let (module, origin) = get(&cache, &engine, &wasm);
        assert_eq!(answer(&engine, &module), 9);
        assert!(matches!(&origin, Origin::NotStored(reason) if reason.contains("cannot write")), "{origin:?}");
    }
}
