import{y as t}from"./index-DF1Na2sw.js";function i(i){return i.startsWith("/")?("web"===t.name?location.origin:"")+i:i}export{i as p};
