await 1;
try {
  await 2;
} finally {
  await new Promise(() => {});
}
