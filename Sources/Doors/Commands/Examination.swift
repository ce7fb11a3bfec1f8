import APIContract
import Primitives

/// Looks at what a login needs, in the order in which it would fail.
struct Examination {
    let tool: Tool

    /// Days before its end from which a certificate is spoken of.
    private static let notice: Int64 = 30

    func findings() -> [Finding] {
        let status: JSON
        do throws(Problem) {
            status = try tool.get("status")
        } catch {
            return [Self.broken("agent", error)]
        }
        let readers = status["readers"]?.array ?? []
        return [Finding("agent", DoctorSentence.agentAnswers(status.text("version"))), Self.monitoring(status.text("monitoring"))]
            + [Self.readers(readers)] + cards(readers) + [Self.trust(status.text("environment")), Self.revocation(status)]
            + Self.reserve(status["audit"]?["reserve"] ?? .null) + Self.clock(status["clock"]?["seconds_behind"]?.int)
            + (status["warnings"]?.array ?? []).map { warning in
                Finding("configuration", Text(warning.plain, warning.plain), remedy: DoctorSentence.warningRemedy)
            }
    }

    private static func broken(_ check: String, _ problem: Problem) -> Finding {
        Finding(check, ErrorCode(rawValue: problem.code) ?? .internalError, at: problem.json["detail"]?.string)
    }

    private static func monitoring(_ state: String) -> Finding {
        switch state {
        case "running": Finding("pcsc", DoctorSentence.pcscRuns)
        case "starting": Finding("pcsc", DoctorSentence.pcscStarting, remedy: DoctorSentence.pcscStartingRemedy)
        case "not_authorised": Finding("pcsc", .pcscNotAuthorised)
        default: Finding("pcsc", .pcscUnavailable)
        }
    }

    private static func readers(_ readers: [JSON]) -> Finding {
        guard !readers.isEmpty else { return Finding("readers", .noReader) }
        return Finding("readers", DoctorSentence.readers(readers.map { $0.text("name") }.joined(separator: ", ")))
    }

    private func cards(_ readers: [JSON]) -> [Finding] {
        let filled = readers.filter { $0["card"]?.string != "absent" }
        guard !filled.isEmpty else { return readers.isEmpty ? [] : [Finding("card", DoctorSentence.noCard)] }
        return filled.flatMap { reader -> [Finding] in
            do throws(Problem) {
                return card(try tool.get("readers", reader.text("id"), "card"), in: reader.text("name"))
            } catch {
                return [Self.broken("card", error)]
            }
        }
    }

    private func card(_ card: JSON, in reader: String) -> [Finding] {
        switch card["state"]?.string {
        case "absent": return [Finding("card", DoctorSentence.noCard)]
        case "reading": return [Finding("card", DoctorSentence.cardBeingRead(reader))]
        case "blocked": return [Finding("card", .pinBlocked, at: reader)]
        case "ready": break
        default: return [Finding("card", card["code"]?.string.flatMap { ErrorCode(rawValue: $0) } ?? .cardMute, at: reader)]
        }
        let text = DoctorSentence.cardReady(reader, card["holder"]?.holderText ?? "-", card.text("tries_left"))
        var findings = [Finding("card", text)]
        if card["tries_left"]?.int == 1 {
            findings.append(Finding("card", DoctorSentence.card(reader, DoctorSentence.lastTry), remedy: DoctorSentence.lastTryRemedy))
        }
        if let code = card["code"]?.string.flatMap({ ErrorCode(rawValue: $0) }) {
            return findings + [Finding("certificate", code, at: reader)]
        }
        return findings + dates(card["certificate"] ?? .null, in: reader)
    }

    private func dates(_ certificate: JSON, in reader: String) -> [Finding] {
        guard let start = certificate["not_before"]?.string.flatMap({ Timestamp($0) }),
            let end = certificate["not_after"]?.string.flatMap({ Timestamp($0) })
        else { return [] }
        let now = tool.time.now()
        if now > end { return [Finding("certificate", .certificateExpired, at: reader)] }
        if now < start { return [Finding("certificate", .certificateNotYetValid, at: reader)] }
        guard now.advanced(bySeconds: Self.notice * 86_400) > end else { return [] }
        let text = DoctorSentence.card(reader, DoctorSentence.expiresSoon(end.description))
        return [Finding("certificate", text, remedy: DoctorSentence.expiresSoonRemedy)]
    }

    private static func trust(_ environment: String) -> Finding {
        environment == "production"
            ? Finding("trust", DoctorSentence.production)
            : Finding("trust", DoctorSentence.test, remedy: DoctorSentence.testRemedy)
    }

    private static func revocation(_ status: JSON) -> Finding {
        status["revocation"]?["status"]?.string == "good"
            ? Finding("revocation", DoctorSentence.revocationChecked)
            : Finding("revocation", DoctorSentence.revocationUnchecked, remedy: DoctorSentence.revocationRemedy)
    }

    private static func clock(_ secondsBehind: Int64?) -> [Finding] {
        guard let secondsBehind else { return [] }
        return [Finding("clock", DoctorSentence.clockBehind(secondsBehind), remedy: DoctorSentence.clockBehindRemedy)]
    }

    /// What becomes of the trace when the disk is full.
    private static func reserve(_ reserve: JSON) -> [Finding] {
        let isShared = reserve["shares_file_system"]?.bool == true
        switch reserve["state"]?.string {
        case "in_use":
            return [Finding("trace", DoctorSentence.reserveInUse(reserve.text("since")), remedy: DoctorSentence.reserveInUseRemedy)]
        case "missing":
            return [Finding("trace", DoctorSentence.reserveMissing(reserve.text("problem")), remedy: DoctorSentence.reserveMissingRemedy)]
        case "ready" where isShared: return [Finding("trace", DoctorSentence.reserveShared, remedy: DoctorSentence.reserveSharedRemedy)]
        case "ready": return [Finding("trace", DoctorSentence.reserveReady)]
        default: return []
        }
    }
}
