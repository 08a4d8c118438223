"""The table of what the gate saw."""

import gate as gates


def line(result):
    """One result on one line."""
    seconds = f"build {result['build_seconds']:.0f} s, gate {result['run_seconds']:.0f} s"
    text = f"{result['outcome']:12} {result['id']:36} {result['gate']}, {seconds}"
    if result.get("case"):
        text += f"\n      {result['check']} in {result['case']}, schedule {result.get('schedules', '?')}"
    if result.get("text"):
        text += f": {result['text'][:160]}" if result.get("case") else f"\n      {result['text'][:240]}"
    return text


def counted(results, argued, kind):
    """The results that a score counts: those of mistakes that compile and that somebody could see."""
    return [
        r for r in results
        if r["gate"] == kind and r["outcome"] != gates.BROKEN
        and not (r["id"] in argued and r["outcome"] in (gates.SURVIVED, gates.INCONCLUSIVE))]


def percent(results, argued, kind):
    """Share of the counted mistakes that made a check fail, in percent; 100 when there are none."""
    all_of_them = counted(results, argued, kind)
    killed = sum(r["outcome"] == gates.KILLED for r in all_of_them)
    return 100 * killed / len(all_of_them) if all_of_them else 100.0


def table(results, mistakes, argued):
    """Scores, what killed, and the survivors with what they cost."""
    parts = []
    for kind in sorted({r["gate"] for r in results}):
        mine = [r for r in results if r["gate"] == kind]
        of = {outcome: [r for r in mine if r["outcome"] == outcome] for outcome in gates.OUTCOMES}
        same = [r for r in mine if r["id"] in argued and r["outcome"] in (gates.SURVIVED, gates.INCONCLUSIVE)]
        total = len(counted(results, argued, kind))
        lines = [f"{kind}: {len(mine)} mistakes"]
        for outcome in gates.OUTCOMES:
            number = sum(r not in same for r in of[outcome])
            share = f"{100 * number / total:5.0f} %" if total and outcome != gates.BROKEN else ""
            lines.append(f"  {outcome:14} {number:4} {share}")
        if same:
            lines.append(f"  {'equivalent':14} {len(same):4}")
        lines.append(f"  score          {percent(results, argued, kind):4.0f} %  killed by a check, of {total} that count")
        lines += by_check(of[gates.KILLED])
        for title, outcome in (("killed by a crash", gates.CRASHED), ("killed by the time limit", gates.LIMIT),
                               ("did not compile", gates.BROKEN), ("inconclusive", gates.INCONCLUSIVE)):
            chosen = [r for r in of[outcome] if r not in same]
            if chosen:
                lines += ["", f"  {title}"] + [f"    {r['id']}: {r.get('text', '')[:160]}" for r in chosen]
        alive = [r for r in of[gates.SURVIVED] if r not in same]
        if alive:
            lines += ["", "  survived"]
            for r in alive:
                known = mistakes.get(r["id"])
                lines.append(f"    {r['id']} ({r['category']})")
                if known:
                    lines.append(f"      {known.costs}")
                if r.get("reached"):
                    lines.append(f"      {r['reached']}")
        for r in same:
            lines += ["", f"  equivalent: {r['id']}", f"      {argued[r['id']]}"]
        times = sum(r["run_seconds"] for r in mine) + sum(r["build_seconds"] for r in mine)
        lines += ["", f"  {times / 60:.0f} minutes, {times / len(mine):.0f} s a mistake"]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def by_check(killed):
    names = sorted({r["check"] for r in killed}, key=lambda name: (-sum(r["check"] == name for r in killed), name))
    lines = ["", "  killed by"] if names else []
    for name in names:
        mine = [r for r in killed if r["check"] == name]
        lines.append(f"    {name:28} {len(mine):3}")
        for r in mine:
            lines.append(f"      {r['id']:36} {r['case']}, schedule {r.get('schedules', '?')}")
    return lines
