using System.Text.Json.Serialization;

namespace Providers.AspNetCore.Memories;

/// <summary>How the memory API's bodies are read and written: names that are not known are refused, so that nothing is set that was not meant to be.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    MaxDepth = 16)]
[JsonSerializable(typeof(MemoryBody))]
[JsonSerializable(typeof(MemoryPatchBody))]
[JsonSerializable(typeof(SearchBody))]
[JsonSerializable(typeof(FilterBody))]
[JsonSerializable(typeof(ExportBody))]
[JsonSerializable(typeof(BatchBody))]
[JsonSerializable(typeof(MemoryView))]
[JsonSerializable(typeof(MemoryListView))]
[JsonSerializable(typeof(MemoryPageView))]
[JsonSerializable(typeof(MatchListView))]
[JsonSerializable(typeof(ReceiptView))]
[JsonSerializable(typeof(StatsView))]
[JsonSerializable(typeof(BatchView))]
[JsonSerializable(typeof(EdgeListView))]
[JsonSerializable(typeof(TagListView))]
[JsonSerializable(typeof(ImportView))]
[JsonSerializable(typeof(JobView))]
internal sealed partial class MemoryJson : JsonSerializerContext;
