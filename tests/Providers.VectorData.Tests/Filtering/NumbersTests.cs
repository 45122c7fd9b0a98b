namespace Providers.VectorData.Tests.Filtering;

/// <summary>A number is compared with one of another type where C# itself makes it one without a cast.</summary>
public sealed class NumbersTests
{
    private static readonly Dictionary<Type, Type[]> s_implicit = new()
    {
        [typeof(sbyte)] = [typeof(short), typeof(int), typeof(long), typeof(float), typeof(double), typeof(decimal)],
        [typeof(byte)] = [typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(float), typeof(double), typeof(decimal)],
        [typeof(short)] = [typeof(int), typeof(long), typeof(float), typeof(double), typeof(decimal)],
        [typeof(ushort)] = [typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(float), typeof(double), typeof(decimal)],
        [typeof(int)] = [typeof(long), typeof(float), typeof(double), typeof(decimal)],
        [typeof(uint)] = [typeof(long), typeof(ulong), typeof(float), typeof(double), typeof(decimal)],
        [typeof(long)] = [typeof(float), typeof(double), typeof(decimal)],
        [typeof(ulong)] = [typeof(float), typeof(double), typeof(decimal)],
        [typeof(float)] = [typeof(double)],
        [typeof(double)] = [],
        [typeof(decimal)] = [],
        [typeof(bool)] = [],
        [typeof(string)] = [],
    };

    [Fact]
    public void Number_Widens_WhereTheLanguageSaysSo()
    {
        foreach ((Type from, Type[] wider) in s_implicit)
        {
            s_implicit.Keys.Where(to => Numbers.Widens(from, to)).Should().BeEquivalentTo(wider, "of {0}", from.Name);
        }
    }
}
