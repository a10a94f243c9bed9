//! The formats of an artifact: each is the application, and each can be made of the other.

use crate::engines::Mock;
use anyhow::{Context, Result};
use engine_artifact::{ChangedGlobal, GlobalValue, Manifest, compress, link, split};
use wasmtime::{Engine, Instance, Linker, Module, Store, Val};
use wizerjs::application::Format;

/// Everything that can be seen of an instance: what its functions answer, memory, globals.
#[derive(Debug, PartialEq)]
struct Seen {
    answers: (i32, i32),
    memory: Vec<u8>,
    globals: Vec<(String, String)>,
}

/// An instance of an engine, or of a self-contained module, in plain Wasmtime.
struct Plain {
    store: Store<()>,
    linker: Linker<()>,
    instance: Instance,
}

impl Plain {
    fn new(wasm: &[u8]) -> Result<Self> {
        let engine = Engine::default();
        let module = Module::new(&engine, wasm).map_err(anyhow::Error::from)?;
        let mut linker = Linker::new(&engine);
        linker.define_unknown_imports_as_traps(&module).map_err(anyhow::Error::from)?;
        let mut store = Store::new(&engine, ());
        let instance = linker.instantiate(&mut store, &module).map_err(anyhow::Error::from)?;
        Ok(Self { store, linker, instance })
    }

    /// Instantiate a thin application over it, as its format says.
    fn load(&mut self, thin: &[u8]) -> Result<()> {
        let manifest = custom_section(thin)?;
        let manifest = Manifest::decode(&manifest)?;
        let memory = self.instance.get_memory(&mut self.store, "memory").context("memory")?;
        let missing = manifest.memory_pages - memory.size(&self.store);
        memory.grow(&mut self.store, missing).map_err(anyhow::Error::from)?;
        self.linker.define(&self.store, "engine", "memory", memory).map_err(anyhow::Error::from)?;
        let module = Module::new(self.store.engine(), thin).map_err(anyhow::Error::from)?;
        self.linker.instantiate(&mut self.store, &module).map_err(anyhow::Error::from)?;
        for global in &manifest.globals {
            let value = match global.value {
                GlobalValue::I32(value) => Val::I32(value.cast_signed()),
                GlobalValue::I64(value) => Val::I64(value.cast_signed()),
                GlobalValue::F32(bits) => Val::F32(bits),
                GlobalValue::F64(bits) => Val::F64(bits),
                GlobalValue::V128(bits) => Val::V128(bits.into()),
            };
            let target = self.instance.get_global(&mut self.store, &global.export).context("global")?;
            target.set(&mut self.store, value).map_err(anyhow::Error::from)?;
        }
        Ok(())
    }

    fn look(&mut self) -> Result<Seen> {
        let Self { store, instance, .. } = self;
        let mut answer = |name: &str| -> Result<i32> {
            let function =
                instance.get_typed_func::<(i32, i32), i32>(&mut *store, name).map_err(anyhow::Error::from)?;
            function.call(&mut *store, (0, 0)).map_err(anyhow::Error::from)
        };
        let answers = (answer("handle_request")?, answer("resume")?);
        let memory = instance.get_memory(&mut *store, "memory").context("memory")?.data(&*store).to_vec();
        let mut globals = Vec::new();
        for name in ["__stack_pointer", "loads", "scale", "version"] {
            let value = instance.get_global(&mut *store, name).context("global")?.get(&mut *store);
            globals.push((name.to_owned(), format!("{value:?}")));
        }
        Ok(Seen { answers, memory, globals })
    }
}

fn custom_section(wasm: &[u8]) -> Result<Vec<u8>> {
    for payload in wasmparser::Parser::new(0).parse_all(wasm) {
        if let wasmparser::Payload::CustomSection(section) = payload?
            && section.name() == engine_artifact::MANIFEST_SECTION
        {
            return Ok(section.data().to_vec());
        }
    }
    anyhow::bail!("no manifest")
}

/// The application in a format.
fn built(mock: &Mock, format: Format) -> Result<Vec<u8>> {
    let mut options = mock.options();
    options.format = format;
    Ok(wizerjs::build(&options)?.bytes)
}

#[test]
fn a_thin_application_over_a_base_instance_is_the_self_contained_one() -> Result<()> {
    for behaviour in ['k', 'g', 'r'] {
        let mock = Mock::new(behaviour)?;
        let thin = built(&mock, Format::Thin)?;
        let mut over_base = Plain::new(&mock.base()?)?;
        over_base.load(&thin)?;
        let seen = over_base.look()?;
        assert_eq!(seen, Plain::new(&built(&mock, Format::Module)?)?.look()?);
        assert_eq!(seen, Plain::new(&link(thin, &mock.base()?)?)?.look()?);
        assert_eq!(seen.answers, (43, if behaviour == 'g' { 3 } else { 2 }));
    }
    Ok(())
}

#[test]
fn link_and_split_are_exact() -> Result<()> {
    for behaviour in ['k', 'g'] {
        let mock = Mock::new(behaviour)?;
        let (thin, module) = (built(&mock, Format::Thin)?, built(&mock, Format::Module)?);
        let base = mock.base()?;
        assert_eq!(link(compress(&thin)?, &base)?, module);
        assert_eq!(link(thin.clone(), &base)?, module);
        assert_eq!(split(module, &base)?, thin);
    }
    Ok(())
}

#[test]
fn a_thin_application_is_this_module() -> Result<()> {
    let mock = Mock::new('g')?;
    let thin = built(&mock, Format::Thin)?;
    let mut text = wasmprinter::print_bytes(&thin)?;
    // The manifest is looked at by another test.
    text = text.lines().filter(|line| !line.contains("@custom")).collect::<Vec<_>>().join("\n");
    assert_eq!(
        text,
        r#"(module
  (import "engine" "memory" (memory (;0;) 3))
  (data (;0;) (i32.const 8192) "*")
  (data (;1;) (i32.const 66000) "\01\00\00\00\09\00\00\00bundle.js\06\00\00\00$$$g;\0a")
  (data (;2;) (i32.const 131072) "\09")
)"#
    );
    Ok(())
}

#[test]
fn the_manifest_says_what_the_application_is() -> Result<()> {
    let mock = Mock::new('g')?;
    let mut options = mock.options();
    options.env = vec![("NAME".to_owned(), "value".to_owned())];
    let bytes = custom_section(&wizerjs::build(&options)?.bytes)?;
    let manifest = Manifest::decode(&bytes)?;
    assert_eq!(manifest.engine_digest, *blake3::hash(&mock.base()?).as_bytes());
    assert_eq!((&*manifest.engine_name, &*manifest.entry, manifest.memory_pages), ("engine", "app.js", 3));
    assert_eq!(manifest.env_names, ["NAME"]);
    assert_eq!(manifest.globals, [ChangedGlobal { export: "loads".to_owned(), value: GlobalValue::I64(1) }]);
    Ok(())
}

#[test]
fn the_base_module_is_the_engine_after_its_start() -> Result<()> {
    let mock = Mock::new('k')?;
    let base = mock.base()?;
    assert_eq!(base, mock.base()?);
    let text = wasmprinter::print_bytes(&base)?;
    assert!(!text.contains("initialize"), "{text}");
    let seen = Plain::new(&base)?.look()?;
    assert_eq!(seen.memory[4096..4104], 0x1122_3344_5566_7788_u64.to_le_bytes());
    assert_eq!(seen.globals[2].1, format!("{:?}", Val::F64(2.5f64.to_bits())));
    Ok(())
}

#[test]
fn the_same_input_gives_the_same_bytes_anywhere() -> Result<()> {
    let (one, other) = (Mock::new('r')?, Mock::new('r')?);
    let first = built(&one, Format::Module)?;
    assert_eq!(first, built(&one, Format::Module)?);
    assert_eq!(first, built(&other, Format::Module)?);
    let mut options = one.options();
    options.format = Format::Module;
    options.clock_s += 1;
    assert_ne!(first, wizerjs::build(&options)?.bytes, "the clock is what the options say");
    Ok(())
}

#[test]
fn another_engine_is_refused() -> Result<()> {
    let mock = Mock::new('k')?;
    let (thin, module) = (built(&mock, Format::Thin)?, built(&mock, Format::Module)?);
    let changed = include_str!("mock.wat").replace("built in", "built it");
    let other = Mock::with_engine(&changed, 'k')?.base()?;
    for result in [link(thin, &other), split(module, &other)] {
        let error = result.err().map(|error| format!("{error:#}")).unwrap_or_default();
        assert!(error.starts_with("it needs the engine engine with digest "), "{error}");
        assert!(error.ends_with("; name the right one with --engine"), "{error}");
    }
    Ok(())
}

#[test]
fn what_is_not_an_application_is_refused() -> Result<()> {
    let mock = Mock::new('k')?;
    let (thin, module, base) = (built(&mock, Format::Thin)?, built(&mock, Format::Module)?, mock.base()?);
    let error = |result: Result<Vec<u8>>| result.err().map(|error| format!("{error:#}")).unwrap_or_default();
    let link = |bytes: &[u8]| error(link(bytes.to_vec(), &base));
    assert_eq!(link(b""), "not a WebAssembly file");
    assert!(link(&base).starts_with("not an application: it has no section wizerjs.app"));
    assert!(link(&module).starts_with("not a thin application: it has code"));
    assert_eq!(error(split(thin.clone(), &base)), "it is thin already");
    for end in 0..thin.len() {
        assert_ne!(link(&thin[..end]), "", "cut at {end}");
    }
    Ok(())
}

#[test]
fn a_changed_module_is_not_split() -> Result<()> {
    let mock = Mock::new('k')?;
    let module = built(&mock, Format::Module)?;
    let base = mock.base()?;
    // In the code: the constant that `$one` returns.
    let text = wasmprinter::print_bytes(&module)?;
    let changed = wat::parse_str(text.replacen("i32.const 1\n", "i32.const 2\n", 1))?;
    let error = split(changed, &base).err().map(|error| format!("{error:#}"));
    assert_eq!(error.as_deref(), Some("it is not made of this engine, or was changed since"));
    Ok(())
}
