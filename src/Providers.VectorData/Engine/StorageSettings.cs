namespace Providers.VectorData;

/// <summary>How collections reach the disk.</summary>
/// <param name="FlushToDisk">Whether a write returns only when the disk has it.</param>
/// <param name="CheckpointEvery">From how many written records on graphs are checkpointed again.</param>
/// <param name="CompactFrom">From how many bytes on a log that is half dead is rewritten.</param>
internal sealed record StorageSettings(bool FlushToDisk, int CheckpointEvery = 10_000, long CompactFrom = 1 << 20);
