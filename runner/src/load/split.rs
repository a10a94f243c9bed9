//! A self-contained application of an engine that is known: its difference, so that it shares the engine's code.

use crate::load::artifact::code_digest;
use crate::load::delta::Delta;
use crate::units::PAGE_BYTES;
use anyhow::{Context, Result, bail, ensure};
use wasmparser::{DataKind, Operator, Parser, Payload};

/// Equal bytes between two runs of different ones that are not worth a segment of their own: its own 8 bytes.
const GAP_MAX_BYTES: usize = 8;

/// What differs in memory between an application and its engine's base module, `None` if their code is not the same.
pub(crate) fn split(application: &[u8], base: &[u8]) -> Result<Option<Delta>> {
    if code_digest(application)? != code_digest(base)? {
        return Ok(None);
    }
    Ok(Some(difference(&image(base)?, &image(application)?)?))
}

/// What active data segments put into memory.
fn image(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut image = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::DataSection(segments) = payload? else { continue };
        for segment in segments {
            let segment = segment?;
            let DataKind::Active { memory_index: 0, offset_expr } = segment.kind else {
                bail!("it has a data segment that is not active");
            };
            let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? else {
                bail!("the place of a data segment is not a constant");
            };
            let start = value as u32 as usize;
            let end = start + segment.data.len();
            ensure!(end as u64 <= crate::load::artifact::ARTIFACT_MAX_BYTES, "its memory image is too large");
            image.resize(image.len().max(end), 0);
            image[start..end].copy_from_slice(segment.data);
        }
    }
    Ok(image)
}

/// Segments that make `image` of `base`, both followed by zeros.
fn difference(base: &[u8], image: &[u8]) -> Result<Delta> {
    let mut delta = Delta::builder();
    let length = base.len().max(image.len());
    let byte = |of: &[u8], at: usize| of.get(at).copied().unwrap_or(0);
    let mut run: Option<std::ops::Range<usize>> = None;
    let mut add = |run: std::ops::Range<usize>| -> Result<()> {
        let bytes: Vec<u8> = run.clone().map(|at| byte(image, at)).collect();
        delta.segment(u32::try_from(run.start).context("beyond 4 GiB")?, &bytes)
    };
    for page in (0..length).step_by(PAGE_BYTES) {
        let end = (page + PAGE_BYTES).min(length);
        if end <= base.len() && end <= image.len() && base[page..end] == image[page..end] {
            continue;
        }
        for at in (page..end).filter(|&at| byte(base, at) != byte(image, at)) {
            match &mut run {
                Some(run) if at - run.end <= GAP_MAX_BYTES => run.end = at + 1,
                _ => run.replace(at..at + 1).map_or(Ok(()), &mut add)?,
            }
        }
    }
    run.map_or(Ok(()), add)?;
    Ok(delta.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_makes_one_image_of_the_other() {
        let base: Vec<u8> = (0..3 * PAGE_BYTES).map(|at| (at / 7) as u8).collect();
        let mut image = base.clone();
        image[10] ^= 1;
        image[15] ^= 1;
        image[PAGE_BYTES - 1] ^= 1;
        image[PAGE_BYTES] ^= 1;
        image.extend([0, 0, 9]);
        let delta = difference(&base, &image).unwrap();
        let mut made = base.clone();
        made.resize(image.len(), 0);
        delta.apply(&mut made);
        assert!(made == image);
        let delta = difference(&image, &base).unwrap();
        delta.apply(&mut made);
        assert!(made[..base.len()] == base && made[base.len()..] == [0, 0, 0]);
    }

    #[test]
    fn other_code_is_another_engine() {
        let module = |body: &str, data: &str| {
            wat::parse_str(format!(r#"(module (memory 1) (func {body}) (data (i32.const 5) "{data}"))"#)).unwrap()
        };
        let base = module("nop", "abc");
        assert_eq!(split(&module("nop", "abd"), &base).unwrap().map(|delta| delta.end()), Some(8));
        assert!(split(&module("unreachable", "abc"), &base).unwrap().is_none());
    }
}
