using System.Linq.Expressions;

namespace Providers.VectorData;

internal sealed class AndPredicate(IPredicate left, IPredicate right) : IPredicate
{
    public bool Matches(Row row, object? element) => left.Matches(row, element) && right.Matches(row, element);
}

internal sealed class OrPredicate(IPredicate left, IPredicate right) : IPredicate
{
    public bool Matches(Row row, object? element) => left.Matches(row, element) || right.Matches(row, element);
}

internal sealed class NotPredicate(IPredicate inner) : IPredicate
{
    public bool Matches(Row row, object? element) => !inner.Matches(row, element);
}

/// <summary>A Boolean value; null is not true.</summary>
internal sealed class TruthPredicate(IOperand value) : IPredicate
{
    public bool Matches(Row row, object? element) => value.Of(row, element) is true;
}

/// <summary>Equality of values; of lists, element by element.</summary>
internal sealed class EqualPredicate(IOperand left, IOperand right, FieldType? list) : IPredicate
{
    public bool Matches(Row row, object? element)
    {
        object? x = left.Of(row, element), y = right.Of(row, element);
        return list is not null && x is not null && y is not null ? list.SequenceEqual(x, y) : Equals(x, y) && x is not (double.NaN or float.NaN);
    }
}

/// <summary>Order of values; nothing is before or after null.</summary>
internal sealed class OrderPredicate(ExpressionType order, IOperand left, IOperand right) : IPredicate
{
    public bool Matches(Row row, object? element)
    {
        object? x = left.Of(row, element), y = right.Of(row, element);
        if (x is null || y is null || IsNaN(x) || IsNaN(y))
        {
            return false;
        }

        int sign = ((IComparable)x).CompareTo(y);
        return order switch
        {
            ExpressionType.LessThan => sign < 0,
            ExpressionType.LessThanOrEqual => sign <= 0,
            ExpressionType.GreaterThan => sign > 0,
            _ => sign >= 0,
        };
    }

    // Not a number is neither less nor more than anything, itself included.
    private static bool IsNaN(object value) => value is double.NaN or float.NaN;
}

/// <summary>A value among captured ones.</summary>
internal sealed class AmongPredicate(Func<object?, bool> contains, IOperand item) : IPredicate
{
    public bool Matches(Row row, object? element) => contains(item.Of(row, element));
}

/// <summary>A value among the elements of a stored list.</summary>
internal sealed class ContainsPredicate(FieldOperand list, IOperand item) : IPredicate
{
    public bool Matches(Row row, object? element) => list.Of(row, element) is { } array && list.Field.Type.Contains(array, item.Of(row, element));
}

/// <summary>An element of a stored list that satisfies a condition.</summary>
internal sealed class AnyPredicate(FieldOperand list, IPredicate? inner) : IPredicate
{
    public bool Matches(Row row, object? element) =>
        list.Of(row, element) is { } array && list.Field.Type.Any(array, e => inner?.Matches(row, e) != false);
}
