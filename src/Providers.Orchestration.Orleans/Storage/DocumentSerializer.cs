using Orleans.Storage;

namespace Providers.Orchestration.Orleans;

/// <summary>Keeps documents as the JSON they are, so that an operator can read a row: <c>convert_from(payloadbinary, 'UTF8')</c>.</summary>
internal sealed class DocumentSerializer : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => input is Document document ? BinaryData.FromString(document.Json ?? "") : throw Foreign(typeof(T));

    public T Deserialize<T>(BinaryData input) => typeof(T) == typeof(Document) ? (T)(object)new Document { Json = input.ToString() } : throw Foreign(typeof(T));

    private static NotSupportedException Foreign(Type type) =>
        new($"The grain storage '{OrleansWorkflowOptions.StorageName}' keeps workflows, not {type.Name}; use a storage of another name for other grains.");
}
