using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace Providers.VectorData;

/// <summary>Refuses what this store cannot keep when a collection is asked for, not when the first record is written.</summary>
internal sealed class ModelBuilder() : CollectionModelBuilder(new CollectionModelBuildingOptions { SupportsMultipleVectors = true, RequiresAtLeastOneVector = false })
{
    public const int MaxDimensions = 16_384;

    protected override void ValidateKeyProperty(KeyPropertyModel keyProperty)
    {
        base.ValidateKeyProperty(keyProperty);
        if (!FieldTypes.IsKey(keyProperty.Type))
        {
            throw new NotSupportedException(
                $"Key property '{keyProperty.ModelName}' has unsupported type '{keyProperty.Type.Name}'. Key properties must be one of the supported types: {FieldTypes.SupportedKeys}.");
        }
    }

    protected override void ValidateProperty(PropertyModel propertyModel, VectorStoreCollectionDefinition? definition)
    {
        base.ValidateProperty(propertyModel, definition);
        switch (propertyModel)
        {
            case VectorPropertyModel { Dimensions: > MaxDimensions } vector:
                throw new NotSupportedException($"Vector property '{vector.ModelName}' has {vector.Dimensions} dimensions; 1 to {MaxDimensions} are supported.");
            case VectorPropertyModel { DistanceFunction: { } distance } vector when DistanceRule.Find(distance) is null:
                throw new NotSupportedException(
                    $"Vector property '{vector.ModelName}' has distance function '{distance}', which is not supported. Supported are {DistanceRule.Supported}.");
            case VectorPropertyModel { IndexKind: { } kind } vector when !VectorColumn.IsKind(kind):
                throw new NotSupportedException($"Vector property '{vector.ModelName}' has index kind '{kind}', which is not supported. Supported are {VectorColumn.Kinds}.");
            case DataPropertyModel { IsFullTextIndexed: true } data when data.Type != typeof(string):
                throw new NotSupportedException($"Property '{data.ModelName}' has type '{data.Type.Name}' but is full-text indexed; only string properties can be.");
        }
    }

    protected override bool IsDataPropertyTypeValid(Type type, [NotNullWhen(false)] out string? supportedTypes)
    {
        supportedTypes = FieldTypes.SupportedData;
        return FieldTypes.TryGet(type, out _, out _);
    }

    protected override bool IsVectorPropertyTypeValid(Type type, [NotNullWhen(false)] out string? supportedTypes)
    {
        supportedTypes = VectorValue.Supported;
        return VectorValue.IsType(type);
    }
}
