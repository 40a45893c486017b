"""How the diagnoses of view 3 look: a row for each label, on a narrow screen in three lines."""

from __future__ import annotations

FINDINGS_CSS = """
.findings{container-type:inline-size;font-size:.9rem;font-variant-numeric:tabular-nums}
.findings h4{margin:.55rem 0 .1rem;font-size:.9rem;font-weight:600}
.findings ol{list-style:none;margin:0;padding:0}
.finding{display:grid;grid-template-columns:minmax(0,1fr) auto;align-items:center;
  grid-template-areas:"what verdict" "track track" "nums nums";gap:.1rem .7rem;
  padding:.4rem 0;border-top:1px solid var(--line)}
.finding .what{grid-area:what;line-height:1.25}
.finding .verdict{grid-area:verdict;font-weight:600;white-space:nowrap}
.finding .verdict i{font-style:normal;margin-right:.35em}
.finding.below .verdict{font-weight:400}
.finding.above .verdict i,.beside .above i{color:var(--ecg-for,#c24a00)}
.finding.below .verdict i,.beside .below i{color:var(--ecg-against,#0063a6)}
.finding .nums{grid-area:nums;display:flex;flex-wrap:wrap;gap:0 .9rem}
.finding .nums small{font-size:.8rem;opacity:.85}
.finding .nums [data-figure=probability]{font-weight:600}
.finding .track{grid-area:track;position:relative;height:1.15rem;margin:0 .3rem;
  background:var(--ecg-paper,#fffdfc);border:1px solid var(--line);border-radius:2px}
.finding .track u{position:absolute;top:0;bottom:0;width:1px;background:var(--line)}
.finding .fill{position:absolute;left:0;top:.2rem;bottom:.2rem;border-radius:0 2px 2px 0;
  box-sizing:border-box;border:2px solid;border-left:0}
.above .fill{background:var(--ecg-for,#c24a00);border-color:var(--ecg-for,#c24a00)}
.below .fill{border-color:var(--ecg-against,#0063a6);
  background:color-mix(in srgb,var(--ecg-against,#0063a6) 28%,transparent)}
.finding .mark{position:absolute;top:-.28rem;bottom:-.28rem;width:3px;margin-left:-1.5px;
  background:var(--ecg-ink,#2b2523);outline:1.5px solid var(--ecg-paper,#fffdfc)}
.finding .mark.own{background:repeating-linear-gradient(0deg,var(--ecg-ink,#2b2523) 0 3px,
  var(--ecg-paper,#fffdfc) 3px 5px)}
.finding .own:not(.mark){font-style:normal;font-size:.72rem;font-weight:600;margin-left:.3em;
  border:1px solid currentColor;border-radius:.5em;padding:0 .3em}
.finding.head{border:0;font-size:.8rem;padding:0 0 .1rem;grid-template-areas:"track track"}
.finding.head>:not(.track){display:none}
.finding.head .track{height:1.1rem;border:0;background:none}
.finding.head .track i{position:absolute;font-style:normal;transform:translateX(-50%)}
.finding.head .track i:first-child{transform:none}
.finding.head .track b{position:absolute;right:0;font-weight:400}
@container (min-width:780px){
  .finding{grid-template-columns:minmax(9rem,16rem) minmax(0,1fr) 5.6rem repeat(4,5.2rem);
    grid-template-areas:none;padding:.22rem 0}
  .finding>*{grid-area:auto!important}
  .finding .what span{display:block;font-size:.8rem;opacity:.85}
  .finding .nums{display:contents}
  .finding .nums>span{text-align:right}
  .finding .nums small{position:absolute;width:1px;height:1px;overflow:hidden;
    clip-path:inset(50%)}
  .finding.head>:not(.track){display:block;font-weight:400}
  .finding.head .nums{display:contents!important}
}
.beside td,.beside th{white-space:nowrap}
.beside small{opacity:.8}
.beside .above{font-weight:600}
.beside .side{display:inline-block;min-width:4.2em;text-align:left;margin-left:.3em}
.beside i{font-style:normal}
.pile .heat{background:#ff8a1f;mix-blend-mode:multiply}
.pile svg{position:absolute;inset:0;width:100%;height:100%;opacity:var(--opacity)}
.pile path{fill:none;stroke:#7a2a00;stroke-width:1.6px;vector-effect:non-scaling-stroke;
  stroke-dasharray:5 3}
.pile path.halo{stroke:#fff;stroke-opacity:.75;stroke-width:3.6px;stroke-dasharray:none}
"""
