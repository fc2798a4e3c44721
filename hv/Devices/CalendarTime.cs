namespace Switcher.Hv.Devices;

/// <summary>A date and time as days and seconds of the proleptic Gregorian calendar, without a time zone.</summary>
public static class CalendarTime
{
    public const long SecondsOfADay = 24 * 60 * 60;

    // From 1st March on, so that the leap day comes last: 400 years have 146,097 days, and five months 153.
    private const int DaysOf400Years = 146_097;

    /// <summary>Seconds since 1 January 1970.</summary>
    /// <param name="month">1 to 12.</param>
    /// <param name="day">1 to 31.</param>
    public static long ToSeconds(int year, int month, int day, int hour, int minute, int second)
    {
        const int DaysBefore1970 = 719_468;
        int y = month > 2 ? year : year - 1;
        int monthFromMarch = month > 2 ? month - 3 : month + 9;
        long days = (365L * y) + (y / 4) - (y / 100) + (y / 400) + (((153 * monthFromMarch) + 2) / 5) + day - 1 - DaysBefore1970;
        return (days * SecondsOfADay) + (hour * 3600) + (minute * 60) + second;
    }

    /// <summary>The date of a number of seconds since 1 January 1970, not before 1 March of year 0.</summary>
    public static void ToDate(long seconds, out int year, out int month, out int day)
    {
        const long DaysBefore1970 = 719_468;
        long days = (seconds / SecondsOfADay) + DaysBefore1970;
        long era = days / DaysOf400Years;
        int dayOfEra = (int)(days - (era * DaysOf400Years));
        int yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        int dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        int monthFromMarch = ((5 * dayOfYear) + 2) / 153;
        day = dayOfYear - (((153 * monthFromMarch) + 2) / 5) + 1;
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
        year = (int)(era * 400) + yearOfEra + (month <= 2 ? 1 : 0);
    }
}
