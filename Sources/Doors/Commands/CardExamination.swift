import APIContract
import Primitives

/// The cards that are in the readers.
struct CardExamination {
    let tool: Tool

    /// Days before its end from which a certificate is spoken of.
    static let notice: Int64 = 30

    func findings(_ readers: [JSON]) -> [Finding] {
        let filled = readers.filter { $0["card"]?.string != "absent" }
        guard !filled.isEmpty else { return readers.isEmpty ? [] : [Finding("card", DoctorSentence.noCard)] }
        return filled.flatMap { reader -> [Finding] in
            do throws(Problem) {
                return card(try tool.get("readers", reader.text("id"), "card"), in: reader.text("name"))
            } catch {
                let code = ErrorCode(rawValue: error.code) ?? .internalError
                return [failed(code, in: error.detail ?? Text(reader.text("name")), holder: error.json["held_by"]?.string)]
            }
        }
    }

    private func card(_ card: JSON, in reader: String) -> [Finding] {
        let code = card["code"]?.string.flatMap { ErrorCode(rawValue: $0) }
        switch card["state"]?.string {
        case "absent": return [Finding("card", DoctorSentence.noCard)]
        case "reading":
            guard let code else { return [Finding("card", DoctorSentence.cardBeingRead(reader))] }
            return [failed(code, in: Text(reader), holder: card["held_by"]?.string)]
        case "blocked":
            return [
                Finding(
                    "card", .pinBlocked, at: Text(reader), why: DoctorSentence.blockedWhy, repair: .byHand("cpsctl", "pin", "unblock"))
            ]
        case "ready": break
        default: return [failed(code ?? .cardMute, in: Text(reader), holder: nil)]
        }
        let text = DoctorSentence.cardReady(reader, card["holder"]?.holderText ?? "-", CardSentence.left(card.text("tries_left")))
        var findings = [Finding("card", text)]
        if card["tries_left"]?.int == 1 {
            let last = DoctorSentence.card(reader, DoctorSentence.lastTry)
            findings.append(Finding("card", last, why: DoctorSentence.lastTryWhy, remedy: DoctorSentence.lastTryRemedy))
        }
        if let code { return findings + [Finding("certificate", code, at: Text(reader), why: DoctorSentence.certificateWhy)] }
        return findings + dates(card["certificate"] ?? .null, in: reader)
    }

    private func failed(_ code: ErrorCode, in place: Text, holder: String?) -> Finding {
        switch code {
        case .cardMute: return Finding("card", code, at: place, why: DoctorSentence.muteWhy)
        case .cardForeign, .cardDamaged: return Finding("card", code, at: place, why: DoctorSentence.foreignWhy)
        case .cardBusy:
            guard let holder else {
                return Finding(
                    "card", code, at: place, why: DoctorSentence.heldWhy, repair: .byHand("fuser", "-v", "/run/pcscd/pcscd.comm"))
            }
            return Finding(
                "card", code, at: place, why: DoctorSentence.heldBy(holder), remedy: DoctorSentence.heldByRemedy,
                repair: Self.ending(holder))
        default: return Finding("card", code, at: place)
        }
    }

    /// How to end the one program that is named like `firefox (pid 4711)`.
    private static func ending(_ holder: String) -> Repair? {
        let parts = holder.split(separator: " (pid ", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].last == ")", let pid = Int32(parts[1].dropLast()) else { return nil }
        return .byHand("kill", "\(pid)")
    }

    private func dates(_ certificate: JSON, in reader: String) -> [Finding] {
        guard let start = certificate["not_before"]?.string.flatMap({ Timestamp($0) }),
            let end = certificate["not_after"]?.string.flatMap({ Timestamp($0) })
        else { return [] }
        let now = tool.time.now()
        if now > end { return [Finding("certificate", .certificateExpired, at: Text(reader), why: DoctorSentence.certificateWhy)] }
        if now < start {
            return [
                Finding(
                    "certificate", .certificateNotYetValid, at: Text(reader), why: DoctorSentence.notYetWhy, repair: ClockExamination.repair
                )
            ]
        }
        guard now.advanced(bySeconds: Self.notice * 86_400) > end else { return [] }
        let text = DoctorSentence.card(reader, DoctorSentence.expiresSoon(end.description))
        return [Finding("certificate", text, why: DoctorSentence.expiresSoonWhy, remedy: DoctorSentence.expiresSoonRemedy)]
    }
}
