//! Programs made from bytes: functions of all types that call each other and the host from within blocks of every kind, with
//! values below their calls.

use arbitrary::{Result, Unstructured};
use std::fmt::Write;

/// Steps that a program takes, at most: beginnings of functions and of turns of loops.
const FUEL: u32 = 150;

/// Blocks that one function has in each other.
const MAX_DEPTH: usize = 5;

/// Names of functions, of which there are some.
const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

const MAX_VALUES: usize = 3;
const MAX_LOCALS: usize = 4;
const MAX_STEPS: usize = 7;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    I32,
    I64,
    F32,
    F64,
    V128,
    Function,
}

impl Type {
    const ALL: [Self; 6] = [Self::I32, Self::I64, Self::F32, Self::F64, Self::V128, Self::Function];

    fn name(self) -> &'static str {
        match self {
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::V128 => "v128",
            Self::Function => "funcref",
        }
    }

    /// An instruction that makes one of two values.
    fn two_to_one(self) -> Option<&'static str> {
        Some(match self {
            Self::I32 => "i32.sub",
            Self::I64 => "i64.xor",
            Self::F32 => "f32.add",
            Self::F64 => "f64.sub",
            Self::V128 => "i32x4.add",
            Self::Function => return None,
        })
    }
}

struct Signature {
    params: Vec<Type>,
    results: Vec<Type>,
}

/// Functions of the host, as they are declared in [`crate::resume_law::HOST`].
fn host() -> Vec<(&'static str, Signature)> {
    use Type::{F32, F64, Function, I32, I64, V128};
    let function = |name, params: &[Type], results: &[Type]| {
        (name, Signature { params: params.to_vec(), results: results.to_vec() })
    };
    vec![
        function("nothing", &[], &[]),
        function("i32", &[I32], &[I32]),
        function("two", &[I64, F32], &[F64, I32]),
        function("v128", &[V128], &[V128]),
        function("i64", &[F64], &[I64]),
        function("function", &[Function], &[]),
    ]
}

/// The fields of a module with a program `main` that makes calls.
pub(crate) fn generate(bytes: &[u8]) -> Result<String> {
    let mut bytes = Unstructured::new(bytes);
    let mut functions = host();
    let own = bytes.int_in_range(1..=NAMES.len())?;
    for name in NAMES.iter().take(own) {
        let signature = Signature { params: types(&mut bytes, MAX_VALUES)?, results: types(&mut bytes, MAX_VALUES)? };
        functions.push((name, signature));
    }
    let mut text = String::from("(tag $t (param i32)) (tag $u) (memory (export \"m\") 1)\n");
    let _ = writeln!(text, "(global $fuel (export \"fuel\") (mut i32) (i32.const {FUEL}))");
    let named: Vec<&str> = functions.iter().skip(host().len()).map(|(name, _)| *name).collect();
    let elements: String = named.iter().map(|name| format!(" ${name}")).collect();
    let _ = writeln!(text, "(table $functions (export \"table\") {own} funcref) (elem (i32.const 0) func{elements})");
    for (name, signature) in functions.iter().skip(host().len()) {
        let function = Function::new(&mut bytes, &functions, signature)?;
        let _ = writeln!(text, "(func ${name} (export \"{name}\") {}", function.text(signature)?);
    }
    let main = Signature { params: Vec::new(), results: Vec::new() };
    let function = Function::new(&mut bytes, &functions, &main)?;
    let _ = writeln!(text, "(func (export \"main\") {}", function.text(&main)?);
    Ok(text)
}

fn types(bytes: &mut Unstructured<'_>, max: usize) -> Result<Vec<Type>> {
    let count = bytes.int_in_range(0..=max)?;
    (0..count).map(|_| bytes.choose(&Type::ALL).copied()).collect()
}

/// A function that is written.
struct Function<'a, 'b> {
    bytes: &'a mut Unstructured<'b>,
    functions: &'a [(&'static str, Signature)],
    locals: Vec<Type>,
    /// What a branch to each label takes, the innermost last.
    labels: Vec<Vec<Type>>,
    /// The operands of the block that is written.
    stack: Vec<Type>,
    text: String,
    declared: usize,
}

impl<'a, 'b> Function<'a, 'b> {
    fn new(
        bytes: &'a mut Unstructured<'b>,
        functions: &'a [(&'static str, Signature)],
        signature: &Signature,
    ) -> Result<Self> {
        let mut locals = signature.params.clone();
        let declared = locals.len();
        locals.extend(types(bytes, MAX_LOCALS)?);
        Ok(Self { bytes, functions, locals, labels: Vec::new(), stack: Vec::new(), text: String::new(), declared })
    }

    fn text(mut self, signature: &Signature) -> Result<String> {
        let list = |word: &str, types: &[Type]| -> String {
            types.iter().map(|ty| format!("({word} {}) ", ty.name())).collect()
        };
        let head = format!(
            "{}{}{}\n",
            list("param", &signature.params),
            list("result", &signature.results),
            list("local", &self.locals[self.declared..])
        );
        self.labels.push(signature.results.clone());
        self.step_of_fuel();
        self.block(&signature.results, 0)?;
        Ok(head + &self.text + ")")
    }

    fn put(&mut self, text: impl AsRef<str>) {
        self.text.push_str(text.as_ref());
        self.text.push('\n');
    }

    fn step_of_fuel(&mut self) {
        self.put("(if (i32.eqz (global.get $fuel)) (then unreachable))");
        self.put("(global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))");
    }

    /// Instructions of a block, up to its end, where it gives `results`.
    fn block(&mut self, results: &[Type], depth: usize) -> Result<()> {
        for _ in 0..self.bytes.int_in_range(1..=MAX_STEPS)? {
            if !self.step(depth)? {
                return Ok(());
            }
        }
        while self.stack.pop().is_some() {
            self.put("drop");
        }
        results.iter().try_for_each(|&ty| self.value(ty))
    }

    /// An instruction or some; whether what comes next is reached.
    fn step(&mut self, depth: usize) -> Result<bool> {
        match self.bytes.int_in_range(0..=13)? {
            0..=1 => {
                let ty = *self.bytes.choose(&Type::ALL)?;
                self.value(ty)?;
                self.stack.push(ty);
            }
            2..=3 => self.combine(),
            4 => self.keep(),
            5..=8 => self.call(false)?,
            9..=11 if depth < MAX_DEPTH => self.inner(depth)?,
            12 => self.branch()?,
            13 if self.bytes.ratio(1, 4)? => return self.leave(),
            _ => self.call(true)?,
        }
        Ok(true)
    }

    /// Push a value: a local or a constant.
    fn value(&mut self, ty: Type) -> Result<()> {
        let local = self.locals.iter().position(|&local| local == ty);
        if let Some(local) = local.filter(|_| self.bytes.arbitrary().unwrap_or(false)) {
            self.put(format!("local.get {local}"));
            return Ok(());
        }
        let number: i16 = self.bytes.arbitrary()?;
        let function = self.functions[self.functions.len() - 1].0;
        let constant = match ty {
            Type::F32 | Type::F64 => format!("{}.const {number}.25", ty.name()),
            Type::V128 => format!("v128.const i32x4 {number} 1 -1 {}", number.wrapping_mul(31)),
            Type::Function if number % 3 == 0 => "ref.null func".to_string(),
            Type::Function => format!("ref.func ${function}"),
            Type::I32 | Type::I64 => format!("{}.const {number}", ty.name()),
        };
        self.put(constant);
        Ok(())
    }

    fn combine(&mut self) {
        if let [.., first, second] = self.stack.as_slice()
            && first == second
            && let Some(instruction) = first.two_to_one()
        {
            self.stack.pop();
            self.put(instruction);
        }
    }

    /// Put the last operand into a local.
    fn keep(&mut self) {
        let Some(&ty) = self.stack.last() else { return };
        if let Some(local) = self.locals.iter().position(|&local| local == ty) {
            self.stack.pop();
            self.put(format!("local.set {local}"));
        }
    }

    fn call(&mut self, of_own: bool) -> Result<()> {
        let functions = self.functions;
        let own = host().len();
        let range = if of_own { own..=functions.len() - 1 } else { 0..=functions.len() - 1 };
        let position = self.bytes.int_in_range(range)?;
        let (name, signature) = &functions[position];
        signature.params.iter().try_for_each(|&ty| self.value(ty))?;
        if position >= own && self.bytes.arbitrary()? {
            self.put(format!("i32.const {}", position - own));
            let types = |word: &str, types: &[Type]| -> String {
                types.iter().map(|ty| format!(" ({word} {})", ty.name())).collect()
            };
            self.put(format!(
                "call_indirect $functions{}{}",
                types("param", &signature.params),
                types("result", &signature.results)
            ));
        } else {
            self.put(format!("call ${name}"));
        }
        self.stack.extend(&signature.results);
        Ok(())
    }

    /// A block in the one that is written, which may take some of its operands.
    fn inner(&mut self, depth: usize) -> Result<()> {
        let taken = self.bytes.int_in_range(0..=self.stack.len().min(MAX_VALUES))?;
        let params = self.stack.split_off(self.stack.len() - taken);
        let results = types(self.bytes, MAX_VALUES)?;
        let words: String = params.iter().map(|ty| format!(" (param {})", ty.name())).collect();
        let ty: String = words + &results.iter().map(|ty| format!(" (result {})", ty.name())).collect::<String>();
        let below = std::mem::replace(&mut self.stack, params.clone());
        match self.bytes.int_in_range(0..=3)? {
            0 => {
                self.put(format!("block{ty}"));
                self.within(results.clone(), &results, depth)?;
            }
            1 => {
                self.put(format!("loop{ty}"));
                self.step_of_fuel();
                self.within(params, &results, depth)?;
            }
            2 => {
                self.put("(i32.and (call $i32 (i32.const 1)) (i32.const 1))");
                self.put(format!("if{ty}"));
                self.within(results.clone(), &results, depth)?;
                self.put("else");
                self.stack = params;
                self.within(results.clone(), &results, depth)?;
            }
            _ => self.handled(&ty, &results, depth)?,
        }
        self.put("end");
        self.stack = below;
        self.stack.extend(results);
        Ok(())
    }

    fn within(&mut self, label: Vec<Type>, results: &[Type], depth: usize) -> Result<()> {
        self.labels.push(label);
        self.block(results, depth + 1)?;
        self.labels.pop();
        self.stack.clear();
        Ok(())
    }

    /// A block whose exceptions are caught by blocks around it, one of which takes what was thrown.
    fn handled(&mut self, ty: &str, results: &[Type], depth: usize) -> Result<()> {
        let taken = std::mem::take(&mut self.stack);
        let drop_results = |function: &mut Self| results.iter().for_each(|_| function.put("drop"));
        taken.iter().for_each(|_| self.put("drop"));
        self.put("block");
        self.labels.push(Vec::new());
        self.put("block (result i32)");
        self.labels.push(vec![Type::I32]);
        taken.iter().try_for_each(|&ty| self.value(ty))?;
        self.put(format!("try_table{ty} (catch $t 0) (catch_all 1)"));
        self.stack = taken;
        self.within(results.to_vec(), results, depth)?;
        self.put("end");
        drop_results(self);
        self.put("i32.const 1");
        self.put("end");
        self.labels.pop();
        self.put("drop");
        self.put("end");
        self.labels.pop();
        let names: String = results.iter().map(|ty| format!(" (result {})", ty.name())).collect();
        self.put(format!("block{names}"));
        results.iter().try_for_each(|&ty| self.value(ty))
    }

    /// A branch that is taken now and then.
    fn branch(&mut self) -> Result<()> {
        let depth = self.bytes.int_in_range(0..=self.labels.len() - 1)?;
        let taken = self.labels[self.labels.len() - 1 - depth].clone();
        taken.iter().try_for_each(|&ty| self.value(ty))?;
        self.put("(i32.eqz (call $i32 (i32.const 2)))");
        self.put(format!("br_if {depth}"));
        taken.iter().for_each(|_| self.put("drop"));
        Ok(())
    }

    /// Leave the block in another way than at its end.
    fn leave(&mut self) -> Result<bool> {
        let depth = self.bytes.int_in_range(0..=self.labels.len() - 1)?;
        let taken = self.labels[self.labels.len() - 1 - depth].clone();
        let same: String = (0..self.labels.len())
            .filter(|&other| self.labels[self.labels.len() - 1 - other] == taken)
            .map(|other| format!(" {other}"))
            .collect();
        match self.bytes.int_in_range(0..=3)? {
            0 => self.put("(throw $t (call $i32 (i32.const 3)))"),
            1 => self.put("throw $u"),
            _ => {
                taken.iter().try_for_each(|&ty| self.value(ty))?;
                self.put("(call $i32 (i32.const 4))");
                self.put(format!("br_table{same} {depth}"));
            }
        }
        Ok(false)
    }
}
