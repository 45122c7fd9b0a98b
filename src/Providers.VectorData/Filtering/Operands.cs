using System.Globalization;

namespace Providers.VectorData;

internal sealed class ConstantOperand(object? value) : IOperand
{
    public object? Value => value;

    public object? Of(Row row, object? element) => value;
}

internal sealed class KeyOperand : IOperand
{
    public object? Of(Row row, object? element) => row.Key;
}

/// <summary>A data property.</summary>
internal sealed class FieldOperand(DataField stored, int index) : IOperand
{
    public DataField Field => stored;

    public object? Of(Row row, object? element) => row.Value(index);
}

/// <summary>A vector property: all that can be asked of it is whether there is one.</summary>
internal sealed class VectorOperand(int index) : IOperand
{
    public object? Of(Row row, object? element) => row.Vector(index);
}

/// <summary>The element that Any looks at.</summary>
internal sealed class ElementOperand : IOperand
{
    public object? Of(Row row, object? element) => element;
}

/// <summary>A number of one type as a number of a wider one.</summary>
internal sealed class WidenedOperand(IOperand inner, Type type) : IOperand
{
    public object? Of(Row row, object? element) => inner.Of(row, element) is { } value ? Convert.ChangeType(value, type, CultureInfo.InvariantCulture) : null;
}

/// <summary>A condition where a Boolean value is wanted.</summary>
internal sealed class PredicateOperand(IPredicate predicate) : IOperand
{
    public object? Of(Row row, object? element) => predicate.Matches(row, element);
}
