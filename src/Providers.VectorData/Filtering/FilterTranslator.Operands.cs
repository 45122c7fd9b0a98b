using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace Providers.VectorData;

/// <summary>The half that finds out what a value is: a property, an element, or something known before the search.</summary>
internal sealed partial class FilterTranslator
{
    private IOperand Operand(Expression node)
    {
        if (TryBind(node, out IOperand? bound))
        {
            return bound;
        }

        switch (node)
        {
            case UnaryExpression { NodeType: ExpressionType.Convert } convert when !IsKnown(node):
                return Converted(Operand(convert.Operand), convert.Operand.Type, convert);
            case MemberExpression { Member.Name: nameof(Nullable<>.Value), Expression: { } inner } when Nullable.GetUnderlyingType(inner.Type) is not null && !IsKnown(node):
                return Operand(inner);
            case var _ when node.Type == typeof(bool) && !IsKnown(node) && Condition(node) is { } condition:
                return new PredicateOperand(condition);
            default:
                return TryEvaluate(node, out object? value) ? new ConstantOperand(value) : throw Unsupported(node);
        }
    }

    /// <summary>A property of the record, or the element that Any looks at.</summary>
    private bool TryBind(Expression node, [NotNullWhen(true)] out IOperand? operand)
    {
        operand = null;
        if (node is ParameterExpression && node == _element)
        {
            operand = new ElementOperand();
        }
        else if (node is not UnaryExpression && TryBindProperty(node, out PropertyModel? property))
        {
            operand = property switch
            {
                KeyPropertyModel => new KeyOperand(),
                VectorPropertyModel => new VectorOperand(schema.VectorIndex(property.StorageName)),
                _ => schema.DataIndex(property.StorageName) is var index && schema.Data[index] is var field ? new FieldOperand(field, index) : null,
            };
        }

        return operand is not null;
    }

    private IOperand Converted(IOperand inner, Type from, UnaryExpression convert)
    {
        Type to = Nullable.GetUnderlyingType(convert.Type) ?? convert.Type;
        from = Nullable.GetUnderlyingType(from) ?? from;
        if (to == from || to == typeof(object))
        {
            return inner;
        }

        // Values of dictionaries are objects: the cast says what the definition says, or it is a mistake.
        if (from == typeof(object) && inner is FieldOperand or KeyOperand)
        {
            Type stored = inner is FieldOperand { Field: var field } ? field.Type.Type : schema.Key.Type;
            string name = inner is FieldOperand f ? f.Field.Name : model.KeyProperty.ModelName;
            return to == stored || inner is FieldOperand { Field.IsList: true }
                ? inner
                : throw new InvalidCastException($"Property '{name}' is being cast to type '{to.Name}', but its configured type is '{stored.Name}'.");
        }

        return from == typeof(object) ? inner
            : Numbers.Widens(from, to) ? new WidenedOperand(inner, to)
            : throw Unsupported(convert);
    }

    /// <summary>Whether a value is known before the search: it has neither the record nor an element in it.</summary>
    private static bool IsKnown(Expression node)
    {
        var finder = new ParameterFinder();
        finder.Visit(node);
        return !finder.Found;
    }

    private static bool TryEvaluate(Expression node, out object? value)
    {
        value = null;
        if (node is ConstantExpression constant)
        {
            value = constant.Value;
            return true;
        }

        if (!IsKnown(node) || node.Type.IsByRefLike)
        {
            return false;
        }

        value = Expression.Lambda<Func<object?>>(Expression.Convert(node, typeof(object))).Compile(preferInterpretation: true)();
        return true;
    }

    private sealed class ParameterFinder : ExpressionVisitor
    {
        public bool Found { get; private set; }

        protected override Expression VisitParameter(ParameterExpression node)
        {
            Found = true;
            return node;
        }
    }
}
