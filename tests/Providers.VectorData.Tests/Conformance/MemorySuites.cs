namespace Providers.VectorData.Tests;

public sealed class MemoryCollectionTests() : CollectionConformance(new MemoryHost());

public sealed class MemoryRecordTests() : RecordConformance(new MemoryHost());

public sealed class MemoryKeyTests() : KeyConformance(new MemoryHost());

public sealed class MemoryDynamicTests() : DynamicConformance(new MemoryHost());

public sealed class MemorySearchTests() : SearchConformance(new MemoryHost());

public sealed class MemoryHybridTests() : HybridConformance(new MemoryHost());

public sealed class MemoryFilterTests() : FilterConformance(new MemoryHost());

public sealed class MemoryDataTypeTests() : DataTypeConformance(new MemoryHost());

public sealed class MemoryEmbeddingTests() : EmbeddingConformance(new MemoryHost());
