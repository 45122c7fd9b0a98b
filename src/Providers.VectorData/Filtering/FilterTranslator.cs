using System.Collections;
using System.Linq.Expressions;
using Microsoft.Extensions.VectorData.ProviderServices;
using Microsoft.Extensions.VectorData.ProviderServices.Filter;

namespace Providers.VectorData;

/// <summary>Turns a filter expression into a predicate over rows, without compiling anything. One use each.</summary>
internal sealed partial class FilterTranslator(CollectionModel model, CollectionSchema schema) : FilterTranslatorBase
{
    private ParameterExpression? _element;

    public IPredicate Translate(LambdaExpression filter) => Predicate(PreprocessFilter(filter, model, new FilterPreprocessingOptions()));

    private IPredicate Predicate(Expression node) => Condition(node) ?? (node.Type == typeof(bool) ? new TruthPredicate(Operand(node)) : throw Unsupported(node));

    /// <summary>What is a condition by its form, or null for what may be a Boolean value.</summary>
    private IPredicate? Condition(Expression node) => node switch
    {
        BinaryExpression { NodeType: ExpressionType.AndAlso or ExpressionType.And } both when both.Type == typeof(bool) => new AndPredicate(Predicate(both.Left), Predicate(both.Right)),
        BinaryExpression { NodeType: ExpressionType.OrElse or ExpressionType.Or } either when either.Type == typeof(bool) => new OrPredicate(Predicate(either.Left), Predicate(either.Right)),
        UnaryExpression { NodeType: ExpressionType.Not } negated when negated.Type == typeof(bool) => new NotPredicate(Predicate(negated.Operand)),
        BinaryExpression { NodeType: ExpressionType.Equal } equal => Equality(equal),
        BinaryExpression { NodeType: ExpressionType.NotEqual } unequal => new NotPredicate(Equality(unequal)),
        BinaryExpression { NodeType: ExpressionType.LessThan or ExpressionType.LessThanOrEqual or ExpressionType.GreaterThan or ExpressionType.GreaterThanOrEqual } order =>
            new OrderPredicate(order.NodeType, Operand(order.Left), Operand(order.Right)),
        MethodCallExpression { Method.Name: nameof(Enumerable.Any) } call when call.Method.DeclaringType == typeof(Enumerable) => Any(call),
        MethodCallExpression { Method.Name: nameof(Enumerable.Contains) } call => Contains(call),
        MemberExpression { Member.Name: nameof(Nullable<>.HasValue), Expression: { } inner } when Nullable.GetUnderlyingType(inner.Type) is not null =>
            new NotPredicate(new EqualPredicate(Operand(inner), new ConstantOperand(null), null)),
        _ => null,
    };

    private EqualPredicate Equality(BinaryExpression node)
    {
        IOperand left = Operand(node.Left), right = Operand(node.Right);
        FieldType? list = (left as FieldOperand ?? right as FieldOperand) is { Field.IsList: true } field ? field.Field.Type : null;
        return (left, right) is (VectorOperand, not ConstantOperand { Value: null }) or (not ConstantOperand { Value: null }, VectorOperand)
            ? throw Unsupported(node)
            : new EqualPredicate(left, right, list);
    }

    private AnyPredicate Any(MethodCallExpression call)
    {
        FieldOperand list = List(call.Arguments[0]) ?? throw Unsupported(call);
        if (call.Arguments.Count == 1)
        {
            return new AnyPredicate(list, null);
        }

        if (_element is not null || Unquote(call.Arguments[1]) is not LambdaExpression { Parameters: [var element] } lambda)
        {
            throw Unsupported(call);
        }

        _element = element;
        IPredicate inner = Predicate(lambda.Body);
        _element = null;
        return new AnyPredicate(list, inner);
    }

    private IPredicate Contains(MethodCallExpression call)
    {
        if (!TryMatchContains(call, out Expression? source, out Expression? item))
        {
            // Sets and other collections of the caller's, with the comparer they have.
            return call is { Object: { } set, Arguments: [var wanted] } && set.Type != typeof(string) && TryEvaluate(set, out object? value)
                ? new AmongPredicate(Collected(value, call), Operand(wanted))
                : throw Unsupported(call);
        }

        return List(source) is { } list ? new ContainsPredicate(list, Operand(item)) : new AmongPredicate(Collected(source, call), Operand(item));
    }

    private static Func<object?, bool> Collected(Expression source, Expression whole)
    {
        if (Unconverted(source) is NewArrayExpression { NodeType: ExpressionType.NewArrayInit } array)
        {
            return new HashSet<object?>(array.Expressions.Select(e => TryEvaluate(e, out object? value) ? value : throw Unsupported(whole))).Contains;
        }

        return TryEvaluate(Unconverted(source), out object? captured) ? Collected(captured, whole) : throw Unsupported(whole);
    }

    private static Func<object?, bool> Collected(object? captured, Expression whole) => captured switch
    {
        HashSet<string> set => item => set.Contains((string)item!),
        IEnumerable items and not string => new HashSet<object?>(items.Cast<object?>()).Contains,
        null => throw new InvalidOperationException($"The collection in '{whole}' is null."),
        _ => throw Unsupported(whole),
    };

    private FieldOperand? List(Expression source) => TryBind(Unconverted(source), out IOperand? bound) && bound is FieldOperand { Field.IsList: true } list ? list : null;

    private static Expression Unquote(Expression node) => node is UnaryExpression { NodeType: ExpressionType.Quote } quote ? quote.Operand : node;

    /// <summary>Casts of collections change how they are seen, not what is in them.</summary>
    private static Expression Unconverted(Expression node)
    {
        while (node is UnaryExpression { NodeType: ExpressionType.Convert } convert)
        {
            node = convert.Operand;
        }

        return node;
    }

    private static NotSupportedException Unsupported(Expression node) => new(
        $"The filter has '{node}', which cannot be translated. Supported are ==, !=, <, <=, >, >=, &&, ||, !, Contains, Any, null comparisons and Boolean properties over data and key properties.");
}
