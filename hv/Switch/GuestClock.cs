using System;
using Switcher.Boot.Text;
using Switcher.Hv.State;

namespace Switcher.Hv.Switch;

public abstract partial class Switching<TPlatform, TVirtualization>
{
    /// <summary>
    /// The real-time clock in the convention of the domain that has the machine. Its ports are the guests' own, so it is set when the
    /// machine's owner changes, and what a guest did with it is found out then.
    /// </summary>
    public static class GuestClock
    {
        /// <summary>Time zones differ by quarters of an hour.</summary>
        private const long Quarter = 15 * 60;

        /// <summary>A clock that is set by a time zone may have been wrong by so much besides.</summary>
        private const long MostWrong = 5 * 60;

        /// <summary>No place is further from universal time.</summary>
        private const long MostOffset = 14 * 60 * 60;

        /// <summary>Lets the clock show what a domain expects, in place of the one that had the machine.</summary>
        public static void Give(ref HypervisorState hypervisor, int from, int to)
        {
            ref MachineClock clock = ref hypervisor.Clock;
            if (!clock.IsShared)
                return;
            if (!RealTimeClock.TryRead(clock.Century, out long now))
            {
                Log("WARN the real-time clock cannot be read: all systems find it as it is"u8);
                clock.IsShared = false;
                return;
            }
            ulong timestamp = TPlatform.ReadTimestamp();
            if (clock.ShownAt != 0)
                Learn(ref clock, now, timestamp - clock.ShownAt, At(hypervisor, from).KeepsLocalTime);
            long universal = now - OffsetOf(clock, At(hypervisor, from).KeepsLocalTime);
            clock.Shown = universal + OffsetOf(clock, At(hypervisor, to).KeepsLocalTime);
            clock.ShownAt = timestamp;
            if (clock.Shown != now)
                RealTimeClock.Write(clock.Century, clock.Shown);
        }

        /// <summary>The machine goes off or is reset: its clock shows what the firmware expects.</summary>
        public static void Return(ref HypervisorState hypervisor)
        {
            Give(ref hypervisor, hypervisor.Resident, Domain.Firmware);
            hypervisor.Resident = Domain.Firmware;
        }

        /// <summary>
        /// A guest that keeps local time has moved the clock by quarters of an hour: it knows its time zone, or summer has come. Whatever
        /// else it was moved by, the clock was wrong, for everybody.
        /// </summary>
        private static void Learn(ref MachineClock clock, long now, ulong ticks, bool isLocal)
        {
            long elapsed = (long)(ticks / clock.Frequency);
            long moved = now - clock.Shown - elapsed;
            if (Distance(moved) <= 1 + (elapsed / clock.Precision))
            {
                Calibrate(ref clock, now - clock.Shown, ticks);
                return;
            }
            long zones = (moved + (moved < 0 ? -Quarter / 2 : Quarter / 2)) / Quarter * Quarter;
            long offset = clock.LocalOffset + zones;
            if (!isLocal || zones == 0 || Distance(moved - zones) > MostWrong || Distance(offset) > MostOffset)
                return;
            clock.LocalOffset = offset;
            var line = new LogLine("INFO local time"u8);
            line.Word("is"u8, offset < 0 ? "behind"u8 : "ahead"u8);
            line.Number("minutes"u8, (ulong)Distance(offset) / 60);
            Log(ref line);
        }

        /// <summary>Nobody moved the clock: the longer that took, the better the two oscillators are known.</summary>
        private static void Calibrate(ref MachineClock clock, long seconds, ulong ticks)
        {
            const long Hour = 60 * 60;
            const long OfCrystals = 1 << 14;
            if (seconds < Hour)
                return;
            clock.Frequency = ticks / (ulong)seconds;
            clock.Precision = Math.Min(Math.Max(clock.Precision, seconds / 4), OfCrystals);
        }

        private static long Distance(long seconds) => seconds < 0 ? -seconds : seconds;

        private static long OffsetOf(in MachineClock clock, bool isLocal) => isLocal ? clock.LocalOffset : 0;
    }
}
