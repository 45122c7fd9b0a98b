namespace Providers.VectorData.Tests;

public sealed class FolderCollectionTests() : CollectionConformance(new FolderHost());

public sealed class FolderRecordTests() : RecordConformance(new FolderHost());

public sealed class FolderKeyTests() : KeyConformance(new FolderHost());

public sealed class FolderDynamicTests() : DynamicConformance(new FolderHost());

public sealed class FolderSearchTests() : SearchConformance(new FolderHost());

public sealed class FolderHybridTests() : HybridConformance(new FolderHost());

public sealed class FolderFilterTests() : FilterConformance(new FolderHost());

public sealed class FolderDataTypeTests() : DataTypeConformance(new FolderHost());

public sealed class FolderEmbeddingTests() : EmbeddingConformance(new FolderHost());
