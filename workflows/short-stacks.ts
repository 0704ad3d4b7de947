/**
 * Temporal's SDK keeps the stack of every promise of a workflow, for who asks where it waits, and looks up each frame in the source map: most of the CPU that a workflow's own code took.
 * Two of the frames are the SDK's own; three say where a workflow waits. Its bundle loads this before anything else (src/temporal/workflow-bundle.ts), since errors can't be changed later.
 */
Error.stackTraceLimit = 5;
