import APIContract
import Primitives

/// The smart-card service, the readers, their drivers, and the cards in them.
struct ReaderExamination {
    let tool: Tool
    let machine: any Workstation

    private static let service = "/run/pcscd/pcscd.comm"
    private static let driver = "/usr/lib/pcsc/drivers/ifd-ccid.bundle/Contents/Info.plist"
    private static let policy = "/usr/share/polkit-1/actions/org.debian.pcsc-lite.policy"
    private static let start = Repair.safe("systemctl", "enable", "--now", "pcscd.socket")

    func findings(_ status: JSON) -> [Finding] {
        let (readers, monitoring) = (status["readers"]?.array ?? [], status.text("monitoring"))
        var findings = [self.monitoring(monitoring)]
        if let polkit = polkit(isRefused: monitoring == "not_authorised") { findings.append(polkit) }
        findings += hidden()
        if monitoring == "running" { findings += unseen(readers) }
        findings.append(list(readers))
        return findings + CardExamination(tool: tool).findings(readers)
    }

    /// What can be said of the service when the agent does not say it.
    func serviceWithoutAgent() -> [Finding] {
        if (try? machine.place(Self.service))?.isSocket == true { return [] }
        return [Finding("pcsc", .pcscUnavailable, why: DoctorSentence.pcscDownWhy, repair: Self.start)]
    }

    func machineOnly() -> [Finding] { (polkit(isRefused: false).map { [$0] } ?? []) + hidden() }

    private func monitoring(_ state: String) -> Finding {
        switch state {
        case "running": return Finding("pcsc", DoctorSentence.pcscRuns)
        case "starting":
            return Finding(
                "pcsc", DoctorSentence.pcscStarting, why: DoctorSentence.pcscStartingWhy, remedy: DoctorSentence.pcscStartingRemedy)
        case "not_authorised": return Finding("pcsc", .pcscNotAuthorised, why: DoctorSentence.pcscRefusesWhy)
        default:
            let isThere = (try? machine.place(Self.service))?.isSocket == true
            let repair = isThere ? Repair.safe("systemctl", "restart", "pcscd.service") : Self.start
            let why = isThere ? DoctorSentence.pcscSilentWhy : DoctorSentence.pcscDownWhy
            return Finding("pcsc", .pcscUnavailable, why: why, repair: repair)
        }
    }

    /// pcscd 2 asks polkit who may use cards; a service that nobody sits at needs a rule of its own.
    private func polkit(isRefused: Bool) -> Finding? {
        let asksPolkit = (try? machine.place(Self.policy)) != nil
        guard asksPolkit || isRefused else { return nil }
        let folders = ["/etc/polkit-1/rules.d", "/usr/share/polkit-1/rules.d"]
        let rules = folders.flatMap { folder in machine.names(in: folder).filter { $0.hasSuffix(".rules") }.map { "\(folder)/\($0)" } }
        let isNamed = rules.contains { path in
            guard let bytes = try? machine.contents(path, limit: 262_144) else { return false }
            let text = String(decoding: bytes, as: UTF8.self)
            return text.contains("org.debian.pcsc-lite") && text.contains(CommandLineTool.agentUser)
        }
        if isNamed && !isRefused { return Finding("polkit", DoctorSentence.polkitRule) }
        // The administrator's rules are for root and polkit alone to read: who cannot does not know.
        guard isRefused || machine.isRoot else { return nil }
        let repair =
            isNamed ? Repair.byHand("systemctl", "restart", "polkit.service") : .byHand("apt-get", "install", "--reinstall", "cps-agent")
        return Finding(
            "polkit", isNamed ? DoctorSentence.polkitRefuses : DoctorSentence.polkitNoRule, why: DoctorSentence.polkitWhy,
            remedy: isNamed ? DoctorSentence.polkitRefusesRemedy : DoctorSentence.polkitRemedy, repair: repair)
    }

    /// Processes of others hidden (proc(5), hidepid): the agent cannot name who holds a reader.
    private func hidden() -> [Finding] {
        guard let bytes = try? machine.contents("/proc/self/mounts", limit: 1_048_576) else { return [] }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: " ")
            guard parts.count > 3, parts[1] == "/proc", parts[2] == "proc" else { continue }
            let options = parts[3].split(separator: ",")
            guard let option = options.first(where: { $0.hasPrefix("hidepid=") && $0 != "hidepid=0" && $0 != "hidepid=off" }) else {
                return []
            }
            return [
                Finding(
                    "hidepid", DoctorSentence.hidden(String(option)), why: DoctorSentence.hiddenWhy, remedy: DoctorSentence.hiddenRemedy,
                    repair: .byHand("mount", "-o", "remount,hidepid=0", "/proc"))
            ]
        }
        return []
    }

    private func list(_ readers: [JSON]) -> Finding {
        guard readers.isEmpty else {
            return Finding("readers", DoctorSentence.readers(readers.map { $0.text("name") }.joined(separator: ", ")))
        }
        return Finding("readers", .noReader, why: DoctorSentence.noReaderWhy, repair: .byHand("lsusb"))
    }

    /// Readers that are plugged in (USB interfaces of the class of smart-card readers) while the smart-card service has none of that kind.
    private func unseen(_ readers: [JSON]) -> [Finding] {
        guard !readers.contains(where: { $0["kind"]?.string == "usb" }) else { return [] }
        let folder = "/sys/bus/usb/devices"
        return machine.names(in: folder).compactMap { name -> Finding? in
            guard let colon = name.firstIndex(of: ":"), text("\(folder)/\(name)/bInterfaceClass") == "0b" else { return nil }
            return unseen(device: "\(folder)/\(name[..<colon])", interface: "\(folder)/\(name)")
        }
    }

    private func unseen(device: String, interface: String) -> Finding {
        let (vendor, product) = (text("\(device)/idVendor") ?? "????", text("\(device)/idProduct") ?? "????")
        let name = "\(text("\(device)/product") ?? "USB") (\(vendor):\(product))"
        func found(_ why: Text, _ remedy: Text, _ repair: Repair) -> Finding {
            Finding("driver", DoctorSentence.unseenReader(name), why: why, remedy: remedy, repair: repair)
        }
        if let driver = machine.target(of: "\(interface)/driver")?.split(separator: "/").last, driver != "usbfs" {
            let repair = Repair.byHand("modprobe", "--remove", String(driver))
            return found(DoctorSentence.kernelHolds(String(driver)), DoctorSentence.kernelHoldsRemedy, repair)
        }
        guard let known = try? machine.contents(Self.driver, limit: 1_048_576) else {
            return found(DoctorSentence.noDriver, DoctorSentence.noDriverRemedy, .byHand("apt-get", "install", "libccid"))
        }
        let list = String(decoding: known, as: UTF8.self).uppercased()
        guard list.contains("0X\(vendor.uppercased())"), list.contains("0X\(product.uppercased())") else {
            let repair = Repair.byHand("apt-get", "install", "--only-upgrade", "libccid")
            return found(DoctorSentence.unknownReader, DoctorSentence.unknownReaderRemedy, repair)
        }
        return found(DoctorSentence.readerOverlooked, DoctorSentence.readerOverlookedRemedy, .safe("systemctl", "restart", "pcscd.service"))
    }

    /// The one line of a file of the kernel.
    private func text(_ path: String) -> String? {
        guard let bytes = try? machine.contents(path, limit: 4096) else { return nil }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map { String($0) }
    }
}
