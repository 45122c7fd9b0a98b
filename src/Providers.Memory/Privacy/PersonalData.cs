namespace Providers.Memory;

/// <summary>What <see cref="PatternRedactor"/> looks for.</summary>
[Flags]
public enum PersonalData
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>E-mail addresses.</summary>
    Email = 1,

    /// <summary>Phone numbers that begin with + or 0.</summary>
    Phone = 2,

    /// <summary>Payment card numbers of 13 to 19 digits whose check digit (Luhn) is right.</summary>
    Card = 4,

    /// <summary>International bank account numbers whose check digits (ISO 13616, mod 97) are right.</summary>
    Iban = 8,

    /// <summary>Secrets: keys of well-known services, JSON web tokens, private keys in PEM.</summary>
    Secret = 16,

    /// <summary>IPv4 addresses, loopback and private ones too.</summary>
    IPAddress = 32,

    /// <summary>All of them.</summary>
    All = Email | Phone | Card | Iban | Secret | IPAddress,
}
