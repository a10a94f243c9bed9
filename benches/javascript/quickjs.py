"""quickjs.py FOLDER FILE: evaluates a script with the `quickjs` module in FOLDER, and prints what it left in `benchmarkResult`."""
import sys

sys.path.insert(0, sys.argv[1])
import quickjs  # noqa: E402 # from that folder

context = quickjs.Context()
# The stack of the main thread has 8 MiB.
context.set_max_stack_size(4 << 20)
with open(sys.argv[2], encoding="utf-8") as file:
    context.eval(file.read())
while context.execute_pending_job():
    pass
print(context.eval("benchmarkResult"))
