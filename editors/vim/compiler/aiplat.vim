" Vim compiler plugin for aiplat, the linter for AI platforms on Kubernetes.
"
"   :compiler aiplat
"   :make %            the chart that this file is part of
"   :make helm/my-chart

if exists("current_compiler")
  finish
endif
let current_compiler = "aiplat"

CompilerSet makeprg=aiplat\ lint\ --format\ concise

" FILE:LINE:COLUMN: SEVERITY[RULE] MESSAGE; the severity's first letter is Vim's type. The rule
" stays in the text. A finding in an archive (x.tgz!chart/values.yaml) is listed, not opened.
CompilerSet errorformat=
      \%f:%l:%c:\ %trror%m,
      \%f:%l:%c:\ %tarning%m,
      \%f:%l:%c:\ %tnfo%m,
      \%-G%.%#
