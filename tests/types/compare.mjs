// compare.mjs DECLARATIONS ENGINE SAMPLE: prints in what the declarations, what the engine has (the answer of globals.js)
// and what the sample uses differ.
import { readFileSync } from "node:fs";
import ts from "typescript";

/** In the engine and in no library of TypeScript. */
const UNDECLARED = ["InternalError", "Temporal", "undefined", "globalThis"];
/** In TypeScript's library of the language, and not in the engine: see the guest's README. */
const ABSENT = ["SharedArrayBuffer"];

const [declarationsPath, enginePath, samplePath] = process.argv.slice(2);
const engine = JSON.parse(readFileSync(enginePath, "utf8"));
const program = ts.createProgram([declarationsPath], { lib: ["lib.esnext.d.ts"], types: [] });
const ours = new Map();
const language = new Set();

function nameOf(member) {
  const { name } = member;
  if (name === undefined) return undefined;
  return ts.isComputedPropertyName(name) ? `Symbol.${name.expression.name.text}` : name.text;
}

function namesOf(members) {
  return [...new Set(members.map(nameOf).filter((name) => name !== undefined))].sort();
}

function isStatic(member) {
  return (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Static) !== 0;
}

/** Declared global values of a file, each with its node. */
function* values(file) {
  for (const statement of file.statements) {
    if (ts.isVariableStatement(statement)) {
      for (const declaration of statement.declarationList.declarations) yield [declaration.name.text, declaration];
    } else if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
      yield [statement.name.text, statement];
    } else if (ts.isModuleDeclaration(statement) && statement.name.text === "global") {
      yield* values(statement.body);
    } else if (ts.isModuleDeclaration(statement)) {
      yield [statement.name.text, statement];
    }
  }
}

function interfaceMembers(file, name) {
  const found = file.statements.find((statement) => ts.isInterfaceDeclaration(statement) && statement.name.text === name);
  return namesOf(found.members);
}

function describe(file, node) {
  if (ts.isClassDeclaration(node)) {
    return {
      statics: namesOf(node.members.filter(isStatic)),
      members: namesOf(node.members.filter((member) => !isStatic(member))),
    };
  }
  if (ts.isModuleDeclaration(node)) {
    const inner = [...values(node.body)].map(([name]) => name);
    return { statics: [...new Set(inner)].sort(), members: [] };
  }
  const isConsole = ts.isVariableDeclaration(node) && node.name.text === "console";
  return { statics: isConsole ? interfaceMembers(file, "Console") : [], members: [] };
}

for (const file of program.getSourceFiles()) {
  if (file.fileName.endsWith(declarationsPath)) {
    for (const [name, node] of values(file)) ours.set(name, describe(file, node));
  } else {
    for (const [name] of values(file)) language.add(name);
  }
}

const differences = [];

function compare(what, declared, real) {
  for (const name of declared) if (!real.includes(name)) differences.push(`${what}${name}: declared, not in the engine`);
  for (const name of real) if (!declared.includes(name)) differences.push(`${what}${name}: in the engine, not declared`);
}

const known = Object.keys(engine).filter((name) => !UNDECLARED.includes(name));
compare("", [...ours.keys(), ...[...language].filter((name) => !ABSENT.includes(name))], known);
for (const name of ABSENT) if (name in engine) differences.push(`${name}: is in the engine after all`);
for (const name of UNDECLARED) if (!(name in engine)) differences.push(`${name}: is not in the engine any more`);
for (const [name, { statics, members }] of ours) {
  if (!(name in engine)) continue;
  compare(`${name}.`, statics, engine[name].statics);
  compare(`${name}.prototype.`, members, engine[name].members);
}

const used = new Set(readFileSync(samplePath, "utf8").match(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu));
for (const [name, { statics, members }] of ours) {
  const deprecated = (member) => /^[A-Z_]+$/.test(member) || member.startsWith("Symbol.");
  for (const each of [name, ...statics, ...members]) {
    if (!deprecated(each) && !used.has(each)) differences.push(`${name}: ${each} is not in the sample`);
  }
}

console.log(differences.join("\n"));
process.exitCode = differences.length === 0 ? 0 : 1;
