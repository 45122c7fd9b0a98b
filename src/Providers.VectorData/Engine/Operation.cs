using Microsoft.Extensions.VectorData;

namespace Providers.VectorData;

/// <summary>What goes wrong in a store comes out as the exception the abstractions promise, with the collection and the operation in it.</summary>
internal static class Operation
{
    public static void Run(string collection, string operation, Action action) => Run(collection, operation, () =>
    {
        action();
        return true;
    });

    public static T Run<T>(string collection, string operation, Func<T> function)
    {
        try
        {
            return function();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException or InvalidOperationException or InvalidCastException
            && e is not VectorStoreException)
        {
            throw Failure(collection, operation, e.Message, e);
        }
    }

    public static VectorStoreException Failure(string collection, string operation, string message, Exception? inner = null) =>
        new($"{operation} on collection '{collection}' failed. {message}", inner)
        {
            VectorStoreSystemName = ProvidersVectorStore.SystemName,
            CollectionName = collection,
            OperationName = operation,
        };

    public static VectorStoreException Missing(string collection, string operation) =>
        Failure(collection, operation, "There is no such collection. Call EnsureCollectionExistsAsync first.");
}
