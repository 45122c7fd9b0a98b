namespace Providers.VectorData;

/// <summary>A condition on a row, or, inside Any, on one element of a list. Means what the C# expression means, nulls included.</summary>
internal interface IPredicate
{
    bool Matches(Row row, object? element);
}

/// <summary>Something that has a value for a row.</summary>
internal interface IOperand
{
    object? Of(Row row, object? element);
}
