"""What the kernel said, and the system log it is part of: ``dmesg``, ``journalctl -k``, ``kern.log``, ``/dev/kmsg``.

The same message, as the programs write it::

    [ 3894.544857] text                                             dmesg
    <3>[ 3894.544857] text                                          dmesg -r
    kern  :err   : [ 3894.544857] text                              dmesg -x
    [Mon Nov 23 11:24:25 2026] text                                 dmesg -T, in any language
    2026-11-23T11:24:25,544657+00:00 text                           dmesg --time-format=iso
    [Nov23 11:24] text, then [  +0.000010] text                     dmesg --time-format=reltime
    [<    0.000048>] text, [ 3894.544857 <    0.000048>] text       dmesg --time-format=delta, -d
    {"dmesg": [{"pri": 3, "time": 3894.544857, "msg": "text"}]}     dmesg --json
    3,339,3894544857,-;text                                         /dev/kmsg
    text                                                            dmesg -t
    Nov 23 11:24:26 vm kernel: [ 3894.544857] text                  kern.log, messages, journalctl -k
    2026-11-23T11:24:26.435980+00:00 vm kernel: text                rsyslog, journalctl -o short-iso-precise
    <3>1 2026-11-23T11:24:26.435980Z vm kernel - - - text           RFC 5424
    1795433066.435980 vm kernel: text                               journalctl -o short-unix
    [ 3894.544857] vm kernel: text                                  journalctl -o short-monotonic
    {"__REALTIME_TIMESTAMP": "1795433066435980", …}                 journalctl -o json; also export, verbose

One event a message, its category and fields from what it says; one ``oom_kill`` a kill, with the whole record it ends;
one phase an initcall. Levels are the words of ``dmesg -x``, ``""`` where the file has none.
"""

from __future__ import annotations

from diagnostics.parsers.kernel_log.forms import recognise
from diagnostics.parsers.kernel_log.parser import PARSER, parse

__all__ = ["PARSER", "parse", "recognise"]
