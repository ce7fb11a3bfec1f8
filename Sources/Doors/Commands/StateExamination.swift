import APIContract
import Primitives

/// Where the agent writes: the disk of its state folder, and the reserve of the log.
struct StateExamination {
    let machine: any Workstation

    private var folder: String { WrittenSettings(machine).stateFolder }
    /// Bytes below which a disk is as good as full.
    private static let least: UInt64 = 256 << 20

    func space() -> [Finding] {
        guard let space = machine.space(at: folder) else { return [] }
        let free = space.free >> 20
        guard space.free < Self.least else { return [Finding("disk", DoctorSentence.space(free))] }
        return [
            Finding(
                "disk", DoctorSentence.space(free), why: DoctorSentence.spaceWhy, remedy: DoctorSentence.spaceRemedy,
                repair: .byHand("journalctl", "--vacuum-size=200M"))
        ]
    }

    /// What becomes of the trace when the disk is full.
    func reserve(_ reserve: JSON) -> [Finding] {
        let isShared = reserve["shares_file_system"]?.bool == true
        switch reserve["state"]?.string {
        case "in_use":
            let text = DoctorSentence.reserveInUse(reserve.text("since"))
            return [found(text, DoctorSentence.reserveInUseWhy, DoctorSentence.reserveInUseRemedy, .byHand("df", "-h", folder))]
        case "missing":
            let text = DoctorSentence.reserveMissing(reserve.text("problem"))
            return [found(text, DoctorSentence.reserveMissingWhy, DoctorSentence.reserveMissingRemedy, nil)]
        case "ready" where isShared:
            return [
                found(DoctorSentence.reserveShared, DoctorSentence.reserveSharedWhy, DoctorSentence.reserveSharedRemedy, nil)
            ]
        case "ready": return [Finding("trace", DoctorSentence.reserveReady)]
        default: return []
        }
    }

    private func found(_ text: Text, _ why: Text, _ remedy: Text, _ repair: Repair?) -> Finding {
        Finding("trace", text, why: why, remedy: remedy, repair: repair)
    }
}

/// Who outside this machine vouches for the log.
struct AnchorExamination {
    let time: any TimeSource

    /// Seconds for which traces may wait for an anchor.
    private static let longest: Int64 = 86_400

    func findings(_ audit: JSON) -> [Finding] {
        guard let anchors = audit["anchors"]?.array else { return [] }
        guard !anchors.isEmpty else {
            return [
                Finding("anchors", DoctorSentence.noAnchor, why: DoctorSentence.noAnchorWhy, remedy: DoctorSentence.noAnchorRemedy)
            ]
        }
        let failing = anchors.compactMap { anchor in anchor["failure"]?.string.map { (anchor.text("name"), $0) } }
        if let since = audit["unanchored_since"]?.string, let start = Timestamp(since),
            start.advanced(bySeconds: Self.longest) < time.now()
        {
            let why = failing.first.map { DoctorSentence.anchorFails($0.0, $0.1) } ?? DoctorSentence.unanchoredWhy
            return [Finding("anchors", DoctorSentence.unanchored(since), why: why, remedy: DoctorSentence.anchorRemedy)]
        }
        guard !failing.isEmpty else { return [Finding("anchors", DoctorSentence.anchored)] }
        return failing.map { name, failure in
            Finding(
                "anchors", DoctorSentence.anchorFails(name, failure), why: DoctorSentence.unanchoredWhy, remedy: DoctorSentence.anchorRemedy
            )
        }
    }
}

/// The time of this machine.
struct ClockExamination {
    let machine: any Workstation

    static let repair = Repair.safe("timedatectl", "set-ntp", "true")

    /// - Parameter behind: seconds, on a time that an authority has signed.
    func findings(_ behind: Int64?) -> [Finding] {
        guard let behind else { return synchronization() }
        return [
            Finding(
                "clock", DoctorSentence.clockBehind(behind), why: DoctorSentence.clockBehindWhy, remedy: DoctorSentence.clockBehindRemedy,
                repair: Self.repair)
        ]
    }

    func synchronization() -> [Finding] {
        switch machine.isClockSynchronized {
        case nil: []
        case true?: [Finding("clock", DoctorSentence.clockSynchronized)]
        case false?:
            [
                Finding(
                    "clock", DoctorSentence.clockAlone, why: DoctorSentence.clockAloneWhy, remedy: DoctorSentence.clockAloneRemedy,
                    repair: Self.repair)
            ]
        }
    }
}
