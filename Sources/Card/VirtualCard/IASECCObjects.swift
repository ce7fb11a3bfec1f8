import SmartCard

extension IASECCSystem {
    /// GET DATA for a security data object: `4D L 70 L <object>`, the object being a class tag around what is asked.
    ///
    /// Codes and security environments answer only while the master file is current, keys only inside the application.
    func getData(_ command: Command, _ card: CardContent) -> Reply {
        guard command.p1 == 0x3F, command.p2 == 0xFF else { return .status(.incorrectP1P2) }
        guard let header = try? TLV.parse(command.data), header.count == 1, header[0].tag == 0x4D,
            let object = header[0].child(0x70).flatMap({ try? $0.children().first })
        else { return .status(.incorrectData) }
        let content: [UInt8]?
        switch object.tag >> 8 {
        case 0xBF81: content = location.directory == FileTree.master ? code(object, card) : nil
        case 0xBFFB: content = location.directory == FileTree.master ? securityEnvironment(object, card) : nil
        case 0xBF90: content = location.directory == FileTree.master ? nil : key(object, card)
        default: content = nil
        }
        guard let content else { return .status(card.layout.referenceMissing) }
        return .ok(TLV(0x70, TLV(object.tag, content).bytes).bytes)
    }

    /// Counters and access rules of a code (what A0 asks), or its lengths (7F41).
    private func code(_ object: TLV, _ card: CardContent) -> [UInt8]? {
        let reference = UInt8(object.tag & 0xFF)
        guard let kind = card.layout.codeReferences.kind(reference) else { return nil }
        let code = card.code(kind)
        switch object.value.first {
        case 0xA0:
            var header: [UInt8] = [0x9A, 0x01, UInt8(code.maximumTries), 0x9B, 0x01, UInt8(code.triesLeft)]
            if let uses = code.usesLeft { header += [0x9D, 0x02] + bytes(UInt16(uses)) }
            let rules: [UInt8] = kind == .pin ? [0xF3, 0x00, 0x00, 0x13, 0xFF, 0x00] : [0xF3, 0xFF, 0x00, 0xFF, 0xFF, 0x00]
            return TLV(0xA0, header + TLV(0xA1, TLV(0x8C, rules).bytes).bytes).bytes
        case 0x7F where object.value.starts(with: [0x7F, 0x41]):
            let form = card.layout.form(kind)
            return TLV(0x7F41, [0x80, 0x01, UInt8(form.stored), 0x81, 0x01, UInt8(form.least)]).bytes
        default:
            return nil
        }
    }

    /// Access rules and size of a key; the key itself never leaves.
    private func key(_ object: TLV, _ card: CardContent) -> [UInt8]? {
        let reference = UInt8(object.tag & 0xFF) | 0x80
        guard let role = role(of: reference, card) else { return nil }
        let use: UInt8 = role == .technical ? 0x00 : 0x11
        // Sign, authenticate, decipher, generate, (unused), put, get.
        let rules: [UInt8] =
            switch role {
            case .signature: [0x7F, use, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00]
            case .authentication: [0x7F, 0xFF, use, use, 0xFF, 0xFF, 0xFF, 0x00]
            case .technical: [0x7F, 0xFF, use, 0xFF, 0xFF, 0xFF, 0xFF, 0x00]
            }
        switch object.value.first {
        case 0xA0:
            return TLV(0xA0, [0x80, 0x02, 0x01, 0x00] + TLV(0xA1, TLV(0x8C, rules).bytes).bytes).bytes
        case 0x7F where object.value.starts(with: [0x7F, 0x48]):
            return TLV(0xA0, TLV(0xA1, TLV(0x8C, rules).bytes).bytes).bytes + [0x7F, 0x48, 0x00]
        default:
            return nil
        }
    }

    /// Environments 1 (the PIN) and 3 (the PUK): which code an access rule that names them means.
    private func securityEnvironment(_ object: TLV, _ card: CardContent) -> [UInt8]? {
        let references = card.layout.codeReferences
        let reference: UInt8
        switch object.tag & 0xFF {
        case 1: reference = references.pin
        case 3: reference = references.puk
        default: return nil
        }
        return TLV(0x7B, TLV(0xA4, [0x95, 0x01, 0x08, 0x83, 0x01, reference]).bytes).bytes
    }
}
