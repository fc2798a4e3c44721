namespace System.Runtime.CompilerServices;

/// <summary>Marks a volatile field.</summary>
public static class IsVolatile
{
}

/// <summary>Marks a setter that only initialisers call.</summary>
public static class IsExternalInit
{
}

/// <summary>Marks a function pointer of the platform's convention.</summary>
public class CallConvCdecl
{
}

/// <summary>Marks a call that skips the transition to native code.</summary>
public class CallConvSuppressGCTransition
{
}
